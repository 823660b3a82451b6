package dev.tailbridge.bridge.gateway;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What one rule has carried. Any thread. */
public final class Traffic {

  private final int most;
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder opened = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder idled = new LongAdder();
  private final LongAdder toTarget = new LongAdder();
  private final LongAdder fromTarget = new LongAdder();

  /**
   * @param most how many connections there may be at a time
   */
  Traffic(int most) {
    this.most = most;
  }

  /**
   * One moment's figures.
   *
   * @param open connections that there are, those that wait for the target among them
   * @param opened connections that were passed on
   * @param refused callers that came when there were too many
   * @param failed callers whose target could not be reached
   * @param idled connections that ended because they were silent
   * @param bytesToTarget payload
   * @param bytesFromTarget payload
   */
  public record Snapshot(
      int open,
      long opened,
      long refused,
      long failed,
      long idled,
      long bytesToTarget,
      long bytesFromTarget) {}

  public Snapshot snapshot() {
    return new Snapshot(
        open.get(),
        opened.sum(),
        refused.sum(),
        failed.sum(),
        idled.sum(),
        toTarget.sum(),
        fromTarget.sum());
  }

  /** Whether one more has room; then {@link #end} is owed. */
  boolean begin() {
    if (open.incrementAndGet() > most) {
      open.decrementAndGet();
      refused.increment();
      return false;
    }
    return true;
  }

  void joined() {
    opened.increment();
  }

  void failed() {
    failed.increment();
  }

  void idled() {
    idled.increment();
  }

  void end() {
    open.decrementAndGet();
  }

  void count(boolean towardsTarget, int bytes) {
    (towardsTarget ? toTarget : fromTarget).add(bytes);
  }
}
