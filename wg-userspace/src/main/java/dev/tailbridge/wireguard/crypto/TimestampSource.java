package dev.tailbridge.wireguard.crypto;

import java.util.function.LongSupplier;

/**
 * Our own timestamps, strictly increasing whatever the clock does.
 *
 * <ul>
 *   <li>The low 24 bits of the nanoseconds are zero, so the exact clock does not show.
 *   <li>Peers that stayed up remember our greatest timestamp, so increasing must outlast us:
 *       whoever runs us stores {@link #floor} at least every two minutes and hands it in at the
 *       next start.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class TimestampSource {

  private static final long SECOND = 1_000_000_000L;
  private static final int STEP = 1 << 24;

  /** How far the stored floor runs ahead, in nanoseconds. */
  private static final long HEADROOM = 120 * SECOND;

  private final LongSupplier unixNanos;
  private long lastSeconds;
  private int lastNanos;

  /**
   * @param unixNanos the wall clock, nanoseconds since 1970
   * @param floor a stored {@link #floor}, nanoseconds since 1970; every timestamp will be greater;
   *     0 when nothing is stored
   */
  public TimestampSource(LongSupplier unixNanos, long floor) {
    this.unixNanos = unixNanos;
    this.lastSeconds = Math.floorDiv(floor, SECOND);
    this.lastNanos = whiten(floor);
  }

  /** The next timestamp: now, or one step after the last one when the clock is not past that. */
  public synchronized byte[] next() {
    long now = unixNanos.getAsLong();
    long seconds = Math.floorDiv(now, SECOND);
    int nanos = whiten(now);
    if (seconds < lastSeconds || (seconds == lastSeconds && nanos <= lastNanos)) {
      seconds = lastSeconds;
      nanos = lastNanos + STEP;
      if (nanos >= SECOND) {
        seconds++;
        nanos = 0;
      }
    }
    lastSeconds = seconds;
    lastNanos = nanos;
    return Tai64n.encode(seconds, nanos);
  }

  /**
   * A time, in nanoseconds since 1970, above every timestamp given out so far and in the next two
   * minutes.
   */
  public synchronized long floor() {
    return Math.max(unixNanos.getAsLong(), lastSeconds * SECOND + lastNanos) + HEADROOM;
  }

  /** What the clock says now, nanoseconds since 1970. */
  public long clockNanos() {
    return unixNanos.getAsLong();
  }

  private static int whiten(long unixNanos) {
    return (int) Math.floorMod(unixNanos, SECOND) & -STEP;
  }
}
