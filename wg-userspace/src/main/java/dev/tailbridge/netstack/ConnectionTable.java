package dev.tailbridge.netstack;

import dev.tailbridge.netstack.tcp.Tcb;
import dev.tailbridge.netstack.tcp.TcpState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a stack: found by their names, worked on together at the end of a batch, and
 * let go when they are over.
 */
final class ConnectionTable {

  private final Stack stack;
  private final Map<FourTuple, Connection> connections = new HashMap<>();
  private final ArrayDeque<Connection> touched = new ArrayDeque<>();

  /** Those that have data for which the link had no room. */
  private final ArrayDeque<Connection> awaitingLink = new ArrayDeque<>();

  private final Sweep sweep;
  private final TimeWaits timeWaits;
  final LocalPorts ports;
  final MemoryBudget memory;
  private boolean paused;

  ConnectionTable(Stack stack, StackConfig config) {
    this.stack = stack;
    this.sweep = new Sweep(stack);
    this.timeWaits = new TimeWaits(config.maxTimeWaits);
    this.ports = new LocalPorts(config.random, config.quietNanos, connections::containsKey);
    this.memory = new MemoryBudget(config.maxMemory, config.totalMemory);
  }

  int size() {
    return connections.size();
  }

  @Nullable Connection get(FourTuple tuple) {
    return connections.get(tuple);
  }

  Connection add(FourTuple tuple, Tcb tcb) {
    Connection connection = new Connection(stack, this, tuple, tcb);
    connections.put(tuple, connection);
    if (paused) {
      tcb.pause(stack.nowNanos());
    }
    return connection;
  }

  void remove(Connection connection) {
    connection.removed();
    if (connections.remove(connection.tuple(), connection) && connection.peerMayRemember()) {
      ports.rest(connection.tuple(), stack.nowNanos());
    }
  }

  /** Marks a connection as changed: it is worked on at the end of the batch, or soon. */
  void touch(Connection connection) {
    if (connection.touch()) {
      touched.add(connection);
      // Behind what its caller still has to do: a burst of calls leaves together.
      stack.settleSoon();
    }
  }

  /** Works on all that were marked, and on those that are marked meanwhile. */
  void settle() {
    Connection connection;
    while ((connection = touched.poll()) != null) {
      connection.settle();
      if (connection.tcb().state() == TcpState.CLOSED) {
        remove(connection);
      }
    }
  }

  /** Keeps a connection until the link takes more. */
  void awaitLink(Connection connection) {
    awaitingLink.add(connection);
  }

  void linkWritable() {
    Connection connection;
    while ((connection = awaitingLink.poll()) != null) {
      connection.linkWritable();
    }
  }

  void timeWaitBegan(Connection connection) {
    Connection oldest = timeWaits.began(connection);
    if (oldest != null) {
      remove(oldest);
    }
  }

  void sweepLater(Connection used) {
    sweep.add(used);
  }

  void pause() {
    paused = true;
    long now = stack.nowNanos();
    connections.values().forEach(connection -> connection.tcb().pause(now));
  }

  void resume() {
    paused = false;
    long now = stack.nowNanos();
    for (Connection connection : connections.values()) {
      connection.tcb().resume(now);
      touch(connection);
    }
  }

  void sessionBegan() {
    long now = stack.nowNanos();
    for (Connection connection : connections.values()) {
      connection.tcb().linkRestored(now);
      connection.tcb().probe();
      touch(connection);
    }
  }

  /** Resets all of them; {@link #settle} sends it. */
  void abort() {
    for (Connection connection : new ArrayList<>(connections.values())) {
      connection.tcb().abort();
      touch(connection);
    }
    sweep.stop();
  }
}
