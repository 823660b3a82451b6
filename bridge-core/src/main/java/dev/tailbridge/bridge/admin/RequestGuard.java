package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what no honest client sends, and who bears no token where one is needed.
 *
 * <ul>
 *   <li>On loopback the Host must be this server: else a name that somebody pointed at loopback
 *       would let a web page in. Elsewhere names are many, and there the token keeps pages out.
 *   <li>An Origin must be the Host: a page of another one makes its reader's browser ask.
 *   <li>Only what changes something by intention is let through besides GET and HEAD.
 * </ul>
 */
final class RequestGuard {
  static final String DEVICES = "/api/v1/devices/";
  static final String RELOAD = "/api/v1/reload";

  /** What follows a device's name in the path of its node. */
  static final String NODE = "/node";

  private final boolean loopback;
  private final Set<String> hosts;
  private final @Nullable Token token;
  private final Set<String> open;

  /**
   * @param open paths for which nobody needs a token
   */
  RequestGuard(InetSocketAddress address, @Nullable Token token, Set<String> open) {
    int port = address.getPort();
    this.loopback = address.getAddress().isLoopbackAddress();
    this.hosts = Set.of("127.0.0.1:" + port, "[::1]:" + port, "localhost:" + port);
    this.token = token;
    this.open = open;
  }

  Optional<Answer> refusal(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    List<String> host = headers.getOrDefault("Host", List.of());
    if (host.size() != 1 || (loopback && !isOurs(host.get(0)))) {
      return Optional.of(
          Answer.problem(
              421,
              "wrong-host",
              "This server answers to the address it listens on or to localhost, nothing else."));
    }
    for (String origin : headers.getOrDefault("Origin", List.of())) {
      if (!isPageOf(host.get(0), origin)) {
        return Optional.of(
            Answer.problem(403, "foreign-origin", "Pages of other origins may not ask here."));
      }
    }
    String path = String.valueOf(exchange.getRequestURI().getPath());
    if (token != null && !open.contains(path) && !token.isBorneBy(exchange)) {
      return Optional.of(
          Answer.problem(
              401,
              "no-token",
              "Send the token of [admin] in devices.toml as Authorization: Bearer TOKEN."));
    }
    return mayBeDone(exchange.getRequestMethod(), path)
        ? Optional.empty()
        : Optional.of(
            Answer.problem(
                405,
                "read-only",
                "This API answers GET and HEAD, DELETE of /api/v1/devices/NAME/node, and POST of"
                    + " /api/v1/reload."));
  }

  private static boolean mayBeDone(String method, String path) {
    return switch (method) {
      case "GET", "HEAD" -> !path.equals(RELOAD);
      case "POST" -> path.equals(RELOAD);
      case "DELETE" ->
          path.startsWith(DEVICES)
              && path.endsWith(NODE)
              && path.length() > DEVICES.length() + NODE.length();
      default -> false;
    };
  }

  private boolean isPageOf(String host, String origin) {
    String own = host.toLowerCase(Locale.ROOT);
    String page = origin.toLowerCase(Locale.ROOT);
    // Behind a server with TLS the page is of https.
    return page.equals("http://" + own)
        || page.equals("https://" + own)
        || (loopback && page.startsWith("http://") && isOurs(page.substring("http://".length())));
  }

  private boolean isOurs(String host) {
    return hosts.contains(host.toLowerCase(Locale.ROOT));
  }
}
