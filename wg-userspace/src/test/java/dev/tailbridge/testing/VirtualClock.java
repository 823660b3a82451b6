package dev.tailbridge.testing;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Time that moves only when told, with tasks that run on the way. Tasks of the same moment run in
 * the order in which they were scheduled.
 */
public final class VirtualClock {

  private record Task(long nanos, long order, Runnable action) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::nanos).thenComparingLong(Task::order));
  private long nowNanos;
  private long unixOffsetNanos = 1_800_000_000L * 1_000_000_000L;
  private long order;

  /** Monotonic time since the clock was made. */
  public long nowNanos() {
    return nowNanos;
  }

  /** Wall-clock time; {@link #stepWallClock} moves it against the monotonic one. */
  public long unixNanos() {
    return unixOffsetNanos + nowNanos;
  }

  public void stepWallClock(Duration by) {
    unixOffsetNanos += by.toNanos();
  }

  /** Runs {@code action} when the given monotonic time is reached; at once for a past time. */
  public void at(long nanos, Runnable action) {
    tasks.add(new Task(Math.max(nanos, nowNanos), order++, action));
  }

  public void after(Duration delay, Runnable action) {
    at(nowNanos + delay.toNanos(), action);
  }

  /** Runs everything that falls due within the time, and ends exactly at its end. */
  public void advance(Duration time) {
    advanceTo(nowNanos + time.toNanos());
  }

  public void advanceTo(long nanos) {
    while (!tasks.isEmpty() && tasks.peek().nanos() <= nanos) {
      Task task = tasks.remove();
      nowNanos = task.nanos();
      task.action().run();
    }
    nowNanos = Math.max(nowNanos, nanos);
  }
}
