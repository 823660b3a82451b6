package dev.tailbridge.wireguard;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One deadline that moves often, on an event loop.
 *
 * <p>Almost every packet moves a peer's deadline away. So a scheduled task stays where it is when
 * the deadline moves later, and finds out when it runs; only an earlier deadline replaces it.
 */
final class DeadlineTimer {

  private static final long NEVER = Long.MAX_VALUE;

  private final EventLoop loop;
  private final int pace;
  private final Runnable due;
  private @Nullable ScheduledFuture<?> task;
  private long scheduledNanos = NEVER;

  /**
   * @param pace how much faster than real time the time of the deadlines runs
   * @param due runs at the deadline or before it, and calls {@link #update} again
   */
  DeadlineTimer(EventLoop loop, int pace, Runnable due) {
    this.loop = loop;
    this.pace = pace;
    this.due = due;
  }

  void update(long deadlineNanos, long nowNanos) {
    if (deadlineNanos >= scheduledNanos) {
      return;
    }
    cancel();
    scheduledNanos = deadlineNanos;
    long delay = Math.max(0, deadlineNanos - nowNanos) / pace;
    task = loop.schedule(this::run, delay, TimeUnit.NANOSECONDS);
  }

  void cancel() {
    if (task != null) {
      task.cancel(false);
      task = null;
    }
    scheduledNanos = NEVER;
  }

  private void run() {
    task = null;
    scheduledNanos = NEVER;
    due.run();
  }
}
