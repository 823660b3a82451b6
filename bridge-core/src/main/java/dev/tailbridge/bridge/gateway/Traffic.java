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
  private final LongAdder displaced = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder toTarget = new LongAdder();
  private final LongAdder fromTarget = new LongAdder();

  /**
   * @param most how many connections, of UDP flows, there may be at a time
   */
  Traffic(int most) {
    this.most = most;
  }

  /**
   * One moment's figures. UDP has flows for connections.
   *
   * @param open connections that there are, those that wait for the target among them
   * @param opened connections that were passed on
   * @param refused callers that came when there were too many
   * @param failed callers whose target could not be reached
   * @param idled connections that ended because they were silent
   * @param displaced flows that gave way to newer ones
   * @param dropped datagrams that were not passed on, and that are of no caller above
   * @param bytesToTarget payload
   * @param bytesFromTarget payload
   */
  public record Snapshot(
      int open,
      long opened,
      long refused,
      long failed,
      long idled,
      long displaced,
      long dropped,
      long bytesToTarget,
      long bytesFromTarget) {}

  public Snapshot snapshot() {
    return new Snapshot(
        open.get(),
        opened.sum(),
        refused.sum(),
        failed.sum(),
        idled.sum(),
        displaced.sum(),
        dropped.sum(),
        toTarget.sum(),
        fromTarget.sum());
  }

  /** Whether one more has room; then {@link #end} is owed, else it was refused. */
  boolean begin() {
    if (!tryBegin()) {
      refused();
      return false;
    }
    return true;
  }

  /** Whether one more has room; then {@link #end} is owed. */
  boolean tryBegin() {
    if (open.incrementAndGet() > most) {
      open.decrementAndGet();
      return false;
    }
    return true;
  }

  void refused() {
    refused.increment();
  }

  void displaced() {
    displaced.increment();
  }

  void dropped(int datagrams) {
    dropped.add(datagrams);
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
