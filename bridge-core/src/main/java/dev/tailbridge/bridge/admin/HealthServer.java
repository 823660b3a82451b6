package dev.tailbridge.bridge.admin;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;

/**
 * The HTTP server of {@code [admin] health_listen}: health pages and nothing else, for whoever can
 * reach it. Its Host and Origin are not looked at, since orchestrators ask by addresses that the
 * bridge does not know, and there is nothing to steal.
 */
public final class HealthServer implements AutoCloseable {
  private final HttpListener listener;

  private HealthServer(HttpListener listener) {
    this.listener = listener;
  }

  /**
   * Binds and serves.
   *
   * @throws BindException when the address is taken or not of this host, with the remedy
   */
  public static HealthServer start(InetSocketAddress listen, HealthPages pages) throws IOException {
    HttpListener listener = HttpListener.bind(listen, "health_listen");
    listener.serve(
        exchange -> {
          String method = exchange.getRequestMethod();
          return method.equals("GET") || method.equals("HEAD")
              ? pages.answer(exchange)
              : Answer.problem(405, "read-only", "Health is asked for by GET and HEAD.");
        });
    return new HealthServer(listener);
  }

  /** The address that is bound, with the port that the system chose if the configuration said 0. */
  public InetSocketAddress address() {
    return listener.address();
  }

  @Override
  public void close() {
    listener.close();
  }
}
