package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses what no honest client sends: methods that would change something, a Host that is not this
 * server (a name that somebody pointed at loopback), an Origin that is not this server (a web page
 * that makes its reader's browser ask).
 */
final class RequestGuard {
  static final String DEVICES = "/api/v1/devices/";

  /** What follows a device's name in the path of its node. */
  static final String NODE = "/node";

  private final Set<String> hosts;

  RequestGuard(InetSocketAddress address) {
    int port = address.getPort();
    this.hosts = Set.of("127.0.0.1:" + port, "[::1]:" + port, "localhost:" + port);
  }

  Optional<Answer> refusal(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    List<String> host = headers.getOrDefault("Host", List.of());
    if (host.size() != 1 || !isOurs(host.get(0))) {
      return Optional.of(
          Answer.problem(
              421,
              "wrong-host",
              "This server answers to the address it listens on or to localhost, nothing else."));
    }
    for (String origin : headers.getOrDefault("Origin", List.of())) {
      if (!origin.startsWith("http://") || !isOurs(origin.substring("http://".length()))) {
        return Optional.of(
            Answer.problem(403, "foreign-origin", "Pages of other origins may not ask here."));
      }
    }
    String method = exchange.getRequestMethod();
    if (method.equals("GET") || method.equals("HEAD") || isRemoval(exchange)) {
      return Optional.empty();
    }
    return Optional.of(
        Answer.problem(
            405,
            "read-only",
            "This API answers GET and HEAD, and DELETE of /api/v1/devices/NAME/node."));
  }

  private static boolean isRemoval(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    return exchange.getRequestMethod().equals("DELETE")
        && path != null
        && path.startsWith(DEVICES)
        && path.endsWith(NODE)
        && path.length() > DEVICES.length() + NODE.length();
  }

  private boolean isOurs(String host) {
    return hosts.contains(host.toLowerCase(Locale.ROOT));
  }
}
