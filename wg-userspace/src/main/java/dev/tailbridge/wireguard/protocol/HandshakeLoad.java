package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.MILLISECOND;
import static dev.tailbridge.wireguard.protocol.Constants.SECOND;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * How many handshake messages wait for their mathematics, and whether that is too many (paper 5.3).
 *
 * <ul>
 *   <li>No more than max(1024, 4 × peers) wait; further ones are dropped.
 *   <li>We are under load from when max(512, 2 × peers) wait, or one waited for 250 ms while more
 *       wait than there are peers, until a second after it was last so. The numbers grow with the
 *       peers: all of them may come back at once, to a process that is cold or starved, and that is
 *       no attack; a cookie would cost each of them five seconds.
 * </ul>
 *
 * <p>Thread-safe: one serves all event loops and workers.
 */
final class HandshakeLoad {

  private static final int LEAST_CAPACITY = 1024;
  private static final int LEAST_THRESHOLD = 512;
  private static final long LONGEST_WAIT = 250 * MILLISECOND;
  private static final long LINGER = SECOND;

  /** Whether the mode began or ended. */
  enum Change {
    NONE,
    BEGAN,
    ENDED
  }

  private final IntSupplier peers;
  private final AtomicInteger queued = new AtomicInteger();

  /** When we will be under load no more; moves forward only. */
  private final AtomicLong until = new AtomicLong(Long.MIN_VALUE);

  private final AtomicBoolean announced = new AtomicBoolean();

  /**
   * @param peers how many there are now
   */
  HandshakeLoad(IntSupplier peers) {
    this.peers = peers;
  }

  /**
   * A message is to wait from now on.
   *
   * @return false when there is no room for it; otherwise {@link #started} must follow
   */
  boolean admit(long nowNanos) {
    int count = peers.getAsInt();
    int waiting = queued.incrementAndGet();
    if (waiting >= threshold(count)) {
      overloaded(nowNanos);
    }
    if (waiting > Math.max(LEAST_CAPACITY, 4 * count)) {
      queued.decrementAndGet();
      return false;
    }
    return true;
  }

  /** A message that was admitted waits no longer. */
  void started(long admittedNanos, long nowNanos) {
    int waiting = queued.getAndDecrement();
    int count = peers.getAsInt();
    boolean late = nowNanos - admittedNanos >= LONGEST_WAIT && waiting > count;
    if (late || waiting >= threshold(count)) {
      overloaded(nowNanos);
    }
  }

  boolean isUnderLoad(long nowNanos) {
    return nowNanos < until.get() || queued.get() >= threshold(peers.getAsInt());
  }

  /** Tells one caller, of all threads, that the mode is another than when this last said so. */
  Change change(long nowNanos) {
    boolean underLoad = isUnderLoad(nowNanos);
    if (!announced.compareAndSet(!underLoad, underLoad)) {
      return Change.NONE;
    }
    return underLoad ? Change.BEGAN : Change.ENDED;
  }

  /** Whether the last change that was told is that the mode began. */
  boolean isAnnounced() {
    return announced.get();
  }

  /** How many messages wait now. */
  int queued() {
    return queued.get();
  }

  private void overloaded(long now) {
    until.accumulateAndGet(now + LINGER, Math::max);
  }

  private static int threshold(int peers) {
    return Math.max(LEAST_THRESHOLD, 2 * peers);
  }
}
