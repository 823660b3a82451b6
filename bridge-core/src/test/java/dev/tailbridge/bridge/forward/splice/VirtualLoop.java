package dev.tailbridge.bridge.forward.splice;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** An event loop whose time only goes on when nothing is left to do, from task to task. */
final class VirtualLoop {

  private final EmbeddedChannel owner = new EmbeddedChannel();
  private long nowNanos = 1_000_000_000L;

  VirtualLoop() {
    owner.freezeTime();
  }

  EventLoop eventLoop() {
    return owner.eventLoop();
  }

  long nanoTime() {
    return nowNanos;
  }

  /** Lets so much time pass. */
  void pass(Duration time) {
    runUntil(() -> false, time);
  }

  /**
   * Lets time pass until something is so, and no longer than that.
   *
   * @return whether it is so
   */
  boolean runUntil(BooleanSupplier condition, Duration most) {
    long end = nowNanos + most.toNanos();
    while (true) {
      settle();
      if (condition.getAsBoolean()) {
        return true;
      }
      long untilNext = owner.runScheduledPendingTasks();
      long step = untilNext < 0 ? end - nowNanos : Math.min(untilNext, end - nowNanos);
      if (step <= 0) {
        return false;
      }
      nowNanos += step;
      owner.advanceTimeBy(step, TimeUnit.NANOSECONDS);
    }
  }

  /** Does all that can be done now. */
  private void settle() {
    while (owner.hasPendingTasks()) {
      owner.runPendingTasks();
    }
  }
}
