package dev.tailbridge.netstack;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Connections of a stack that are in TIME-WAIT, bounded: a machine that opens and closes as fast as
 * it can must not fill the memory. Over the bound the oldest ends early, which has waited longest
 * for what could still come.
 */
final class TimeWaits {

  private final int most;
  private final ArrayDeque<Connection> oldestFirst = new ArrayDeque<>();

  TimeWaits(int most) {
    this.most = most;
  }

  /**
   * One begins.
   *
   * @return the one that has to end for it
   */
  @Nullable Connection began(Connection connection) {
    oldestFirst.add(connection);
    forgetRemoved();
    return oldestFirst.size() > most ? oldestFirst.remove() : null;
  }

  /** All last equally long, so those that are over are mostly at the front. */
  private void forgetRemoved() {
    while (!oldestFirst.isEmpty() && oldestFirst.element().isRemoved()) {
      oldestFirst.remove();
    }
  }
}
