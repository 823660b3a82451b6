package dev.tailbridge.netstack;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who is offered the callers of a port: its listener, else the one of all ports. */
final class Listeners {

  private final Map<Integer, Consumer<PendingConnection>> ofPorts = new HashMap<>();
  private @Nullable Consumer<PendingConnection> ofAll;

  void add(int port, Consumer<PendingConnection> listener) {
    if (ofPorts.putIfAbsent(port, listener) != null) {
      throw new IllegalStateException("port " + port + " of the tunnel is taken");
    }
  }

  void remove(int port) {
    ofPorts.remove(port);
  }

  void addForAll(Consumer<PendingConnection> listener) {
    if (ofAll != null) {
      throw new IllegalStateException("all ports of the tunnel are taken");
    }
    ofAll = listener;
  }

  @Nullable Consumer<PendingConnection> at(int port) {
    Consumer<PendingConnection> ofPort = ofPorts.get(port);
    return ofPort == null ? ofAll : ofPort;
  }

  void clear() {
    ofPorts.clear();
    ofAll = null;
  }
}
