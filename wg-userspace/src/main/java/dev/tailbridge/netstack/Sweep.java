package dev.tailbridge.netstack;

import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets connections that came to rest give back memory: about once a second while any was used
 * within the last two seconds, not at all otherwise.
 */
final class Sweep {

  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Stack stack;
  private final ArrayDeque<Connection> used = new ArrayDeque<>();
  private @Nullable Future<?> next;

  Sweep(Stack stack) {
    this.stack = stack;
  }

  /** It was used, and is not among those that will be looked at. */
  void add(Connection connection) {
    used.add(connection);
    schedule();
  }

  private void schedule() {
    if (next == null) {
      next = stack.eventLoop().schedule(this::sweep, PERIOD_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  /** Connections of a stack that is closed rest for ever. */
  void stop() {
    used.clear();
    if (next != null) {
      next.cancel(false);
    }
  }

  private void sweep() {
    next = null;
    long now = stack.nowNanos();
    for (int left = used.size(); left > 0; left--) {
      Connection connection = used.remove();
      if (!connection.rests(now - PERIOD_NANOS)) {
        used.add(connection);
      }
    }
    if (!used.isEmpty()) {
      schedule();
    }
  }
}
