package dev.tailbridge.netstack;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A {@link LinkPair} in virtual time, every packet of which is recorded. */
public final class VirtualLinks implements AutoCloseable {

  private final EmbeddedChannel time;
  private final long[] nowNanos;
  public final LinkPair.Link left;
  public final LinkPair.Link right;

  /** Links on which a packet takes this long. */
  public VirtualLinks(Duration delay) {
    this(new EmbeddedChannel(), new long[1], delay);
    time.freezeTime();
  }

  private VirtualLinks(EmbeddedChannel time, long[] nowNanos, Duration delay) {
    this.time = time;
    this.nowNanos = nowNanos;
    LinkPair pair = new LinkPair(time.eventLoop(), delay).recording();
    left = pair.left;
    right = pair.right;
  }

  /** Two more links, with the same time. */
  public VirtualLinks another(Duration delay) {
    return new VirtualLinks(time, nowNanos, delay);
  }

  /** These settings with the time of these links. */
  public StackConfig clocked(StackConfig config) {
    return config.toBuilder().clock(() -> nowNanos[0]).build();
  }

  public EventLoop eventLoop() {
    return time.eventLoop();
  }

  public long nowNanos() {
    return nowNanos[0];
  }

  /** Nanoseconds until something is due; negative when nothing is. */
  public long nextTaskAfter() {
    settle();
    return time.runScheduledPendingTasks();
  }

  /** Does everything that can be done without time passing. */
  public void settle() {
    while (time.hasPendingTasks()) {
      time.runPendingTasks();
    }
  }

  /** Lets time pass, with everything that falls due on the way. */
  public void advance(Duration by) {
    advanceUntil(() -> false, by);
  }

  /**
   * Lets time pass until something is so, with a bound.
   *
   * @return whether it came to be
   */
  public boolean advanceUntil(BooleanSupplier condition, Duration atMost) {
    long end = nowNanos[0] + atMost.toNanos();
    while (true) {
      settle();
      if (condition.getAsBoolean()) {
        return true;
      }
      long next = time.runScheduledPendingTasks();
      long step = next < 0 ? end - nowNanos[0] : Math.min(next, end - nowNanos[0]);
      nowNanos[0] += step;
      time.advanceTimeBy(step, TimeUnit.NANOSECONDS);
      if (nowNanos[0] == end) {
        settle();
        return condition.getAsBoolean();
      }
    }
  }

  @Override
  public void close() {
    time.finishAndReleaseAll();
  }
}
