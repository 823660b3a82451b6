package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.HttpExchange;
import dev.tailbridge.bridge.admin.metrics.Metrics;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server of {@code [admin] listen}.
 *
 * <ul>
 *   <li>GET and HEAD, DELETE of a device's node, POST of a reload; errors are RFC 9457 problem
 *       documents.
 *   <li>{@link RequestGuard} says who may ask.
 * </ul>
 */
public final class AdminServer implements AutoCloseable {
  private static final Set<String> OPEN =
      Stream.concat(
              StaticPages.PATHS.stream(),
              Stream.of(HealthPages.ALIVE, HealthPages.READY, HealthPages.HEALTH))
          .collect(Collectors.toUnmodifiableSet());
  private static final String PEERS = "/peers";
  private static final String DEVICES = RequestGuard.DEVICES;

  private final HttpListener listener;
  private final HealthPages health;
  private final Metrics metrics = new Metrics();
  private final EventStreams events;
  private final RequestGuard guard;
  private final BridgeStatus status;
  private final NodeRemover remover;
  private final Reloader reloader;

  private AdminServer(
      HttpListener listener,
      @Nullable Token token,
      HealthPages health,
      BridgeStatus status,
      NodeRemover remover,
      Reloader reloader) {
    this.listener = listener;
    this.health = health;
    this.status = status;
    this.remover = remover;
    this.reloader = reloader;
    this.events = new EventStreams(status);
    this.guard = new RequestGuard(listener.address(), token, OPEN);
  }

  /**
   * Binds and serves.
   *
   * @param token what must be borne for all but health; null for nothing
   * @throws BindException when the address is taken or not of this host, with the remedy
   */
  public static AdminServer start(
      InetSocketAddress listen,
      @Nullable Token token,
      HealthPages health,
      BridgeStatus status,
      NodeRemover remover,
      Reloader reloader)
      throws IOException {
    HttpListener listener = HttpListener.bind(listen, "listen");
    AdminServer admin = new AdminServer(listener, token, health, status, remover, reloader);
    listener.serve(admin::reply);
    return admin;
  }

  /** The address that is bound, with the port that the system chose if the configuration said 0. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** Stops at once; answers that are under way are cut. */
  @Override
  public void close() {
    listener.close();
    events.close();
    metrics.close();
  }

  private Reply reply(HttpExchange exchange) {
    Optional<Answer> refusal = guard.refusal(exchange);
    return refusal.isPresent() ? refusal.get() : answer(exchange);
  }

  private Reply answer(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    if (exchange.getRequestMethod().equals("DELETE")) {
      return removal(path);
    }
    if (exchange.getRequestMethod().equals("POST")) {
      return reload();
    }
    return switch (path == null ? "" : path) {
      case HealthPages.ALIVE, HealthPages.READY, HealthPages.HEALTH -> health.answer(exchange);
      case "/api/v1/events" -> events.reply();
      case "/metrics" -> new Answer(200, Metrics.CONTENT_TYPE, metrics.scrape(status.view()));
      case "/api/v1/status" -> Answer.json(status.view());
      case "/api/v1/devices" -> Answer.json(status.view().devices());
      default ->
          StaticPages.find(path)
              .orElseGet(
                  () -> device(path, "ping=true".equals(exchange.getRequestURI().getQuery())));
    };
  }

  private Answer reload() {
    try {
      return Answer.json(reloader.reload());
    } catch (Reloader.NotReloadedException e) {
      String detail = String.valueOf(e.getMessage());
      return e.problems().isEmpty()
          ? Answer.problem(409, "not-reloaded", detail)
          : Answer.invalid(detail, e.problems());
    }
  }

  /** The guard lets through a path of a node alone. */
  private Answer removal(String path) {
    String name = path.substring(DEVICES.length(), path.length() - RequestGuard.NODE.length());
    return remover
        .remove(name)
        .map(Answer::json)
        .orElseGet(
            () ->
                Answer.problem(
                    404,
                    "no-such-node",
                    "No device of that name has a tailnet; see /api/v1/devices."));
  }

  private Answer device(String path, boolean ping) {
    if (path == null || !path.startsWith(DEVICES)) {
      return Answer.problem(
          404, "no-such-page", "There is no such page; /api/v1/openapi.json lists what there is.");
    }
    String name = path.substring(DEVICES.length());
    if (name.endsWith(PEERS)) {
      return peers(name.substring(0, name.length() - PEERS.length()), ping);
    }
    List<DeviceView> found =
        status.view().devices().stream().filter(device -> device.name().equals(name)).toList();
    return found.isEmpty() ? noSuchDevice() : Answer.json(found.get(0));
  }

  private Answer peers(String name, boolean ping) {
    try {
      List<PeerView> peers = status.peers(name, ping);
      return peers == null ? noSuchDevice() : Answer.json(peers);
    } catch (NoAnswerException e) {
      return Answer.problem(409, "no-node", String.valueOf(e.getMessage()));
    }
  }

  private static Answer noSuchDevice() {
    return Answer.problem(
        404, "no-such-device", "No device has that name; /api/v1/devices lists them.");
  }
}
