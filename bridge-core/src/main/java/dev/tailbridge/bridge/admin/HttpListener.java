package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP server on one address, with threads of its own that are bounded: it neither needs an
 * event loop nor can it flood one. What its pages throw becomes a problem document without an
 * inside.
 */
final class HttpListener implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(HttpListener.class);

  /** More than those that wait long, probes for one, may take together. */
  static final int THREADS = 24;

  private static final int WAITING_REQUESTS = 64;

  /** As many as may be worked on or wait; each costs the process a descriptor. */
  static final int CONNECTIONS = THREADS + WAITING_REQUESTS;

  static {
    // Seconds until a request must be complete: the server's own default is to wait for ever, and a
    // client that never ends its request would keep a thread.
    unlessSet("sun.net.httpserver.maxReqTime", 10);
    // More are closed at once. The default is no bound: who may connect could take all descriptors
    // of the process, and a server that cannot accept spins.
    unlessSet("jdk.httpserver.maxConnections", CONNECTIONS);
  }

  /** The server reads these when its classes load. */
  private static void unlessSet(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, String.valueOf(value));
    }
  }

  private final HttpServer server;
  private final ThreadPoolExecutor executor;

  private HttpListener(HttpServer server) {
    this.server = server;
    this.executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_REQUESTS),
            HttpListener::thread,
            new ThreadPoolExecutor.CallerRunsPolicy());
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Binds; {@link #serve} begins to answer.
   *
   * @param key of {@code [admin]} that says the address, for messages
   * @throws BindException when the address is taken or not of this host, with the remedy
   */
  static HttpListener bind(InetSocketAddress address, String key) throws IOException {
    try {
      return new HttpListener(HttpServer.create(address, 0));
    } catch (BindException e) {
      BindException explained =
          new BindException(
              "Cannot listen on TCP "
                  + address.getAddress().getHostAddress()
                  + " port "
                  + address.getPort()
                  + ": "
                  + e.getMessage()
                  + "; stop what uses it, or choose another address for "
                  + key
                  + " in [admin]");
      explained.initCause(e);
      throw explained;
    }
  }

  void serve(Function<HttpExchange, Reply> pages) {
    server.setExecutor(executor);
    server.createContext("/", exchange -> handle(exchange, pages));
    server.start();
  }

  /** The address that is bound, with the port that the system chose if the configuration said 0. */
  InetSocketAddress address() {
    return server.getAddress();
  }

  private static void handle(HttpExchange exchange, Function<HttpExchange, Reply> pages) {
    try (exchange) {
      exchange.getRequestBody().close();
      Reply answer;
      try {
        answer = pages.apply(exchange);
      } catch (RuntimeException e) {
        // Without the query, which may be anything.
        logger
            .atError()
            .setCause(e)
            .log("the admin API failed to answer {}", exchange.getRequestURI().getPath());
        answer =
            Answer.problem(500, "internal-error", "The bridge could not answer; its log says why.");
      }
      answer.send(exchange);
    } catch (IOException e) {
      logger.debug("an admin client went away: {}", e.getMessage());
    }
  }

  /** Stops at once; answers that are under way are cut. */
  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "admin");
    thread.setDaemon(true);
    return thread;
  }
}
