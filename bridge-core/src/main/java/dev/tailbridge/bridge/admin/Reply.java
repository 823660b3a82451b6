package dev.tailbridge.bridge.admin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** What a request gets. */
@FunctionalInterface
interface Reply {

  /** Sends it whole; may take as long as the client listens. */
  void send(HttpExchange exchange) throws IOException;
}
