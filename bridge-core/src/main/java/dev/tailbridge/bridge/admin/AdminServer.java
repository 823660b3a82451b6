package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tailbridge.bridge.admin.metrics.Metrics;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of {@code [admin] listen}.
 *
 * <ul>
 *   <li>GET and HEAD, and DELETE of a device's node; errors are RFC 9457 problem documents.
 *   <li>A request must name this address as its host, and a browser page of another origin is
 *       refused: so no web page can read it by pointing a name at loopback.
 *   <li>Its threads are bounded and its own: it neither needs an event loop nor can it flood one.
 * </ul>
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(AdminServer.class);
  private static final String PEERS = "/peers";
  private static final String DEVICES = RequestGuard.DEVICES;
  private static final int THREADS = 4;
  private static final int WAITING_REQUESTS = 64;

  static {
    // Seconds until a request must be complete: the server's own default is to wait for ever, and a
    // client that never ends its request would keep a thread. Read when its classes load.
    if (System.getProperty("sun.net.httpserver.maxReqTime") == null) {
      System.setProperty("sun.net.httpserver.maxReqTime", "10");
    }
  }

  private final HttpServer server;
  private final ExecutorService executor;
  private final Health health;
  private final Metrics metrics = new Metrics();
  private final RequestGuard guard;
  private final BridgeStatus status;
  private final NodeRemover remover;

  private AdminServer(HttpServer server, BridgeStatus status, NodeRemover remover) {
    this.server = server;
    this.status = status;
    this.remover = remover;
    this.health = new Health(status);
    this.guard = new RequestGuard(server.getAddress());
    this.executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_REQUESTS),
            AdminServer::thread,
            new ThreadPoolExecutor.CallerRunsPolicy());
  }

  /**
   * Binds and serves.
   *
   * @throws BindException when the address is taken or not of this host, with the remedy
   */
  public static AdminServer start(
      InetSocketAddress listen, BridgeStatus status, NodeRemover remover) throws IOException {
    HttpServer server;
    try {
      server = HttpServer.create(listen, 0);
    } catch (BindException e) {
      BindException explained =
          new BindException(
              "Cannot listen on TCP "
                  + listen.getAddress().getHostAddress()
                  + " port "
                  + listen.getPort()
                  + ": "
                  + e.getMessage()
                  + "; stop what uses it, or choose another address for listen in [admin]");
      explained.initCause(e);
      throw explained;
    }
    AdminServer admin = new AdminServer(server, status, remover);
    server.setExecutor(admin.executor);
    server.createContext("/", admin::handle);
    server.start();
    return admin;
  }

  /** The address that is bound, with the port that the system chose if the configuration said 0. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** Stops at once; answers that are under way are cut. */
  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
    health.close();
    metrics.close();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      exchange.getRequestBody().close();
      Answer answer;
      try {
        answer = guard.refusal(exchange).orElseGet(() -> answer(exchange));
      } catch (RuntimeException e) {
        logger
            .atError()
            .setCause(e)
            .log("the admin API failed to answer {}", exchange.getRequestURI());
        answer =
            Answer.problem(500, "internal-error", "The bridge could not answer; its log says why.");
      }
      answer.send(exchange);
    } catch (IOException e) {
      logger.debug("an admin client went away: {}", e.getMessage());
    }
  }

  private Answer answer(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    if (exchange.getRequestMethod().equals("DELETE")) {
      return removal(path);
    }
    return switch (path == null ? "" : path) {
      case "/healthz" ->
          health.alive()
              ? Answer.text(200, "ok")
              : Answer.text(503, "an event loop does not turn; restart the bridge");
      case "/readyz" ->
          status.ready() ? Answer.text(200, "ready") : Answer.text(503, "starting or stopping");
      case "/metrics" -> new Answer(200, Metrics.CONTENT_TYPE, metrics.scrape(status.view()));
      case "/api/v1/status" -> Answer.json(status.view());
      case "/api/v1/devices" -> Answer.json(status.view().devices());
      default -> device(path, "ping=true".equals(exchange.getRequestURI().getQuery()));
    };
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
          404,
          "no-such-page",
          "There is /healthz, /readyz, /metrics, /api/v1/status and /api/v1/devices.");
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

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "admin");
    thread.setDaemon(true);
    return thread;
  }
}
