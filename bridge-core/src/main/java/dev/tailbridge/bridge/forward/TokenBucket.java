package dev.tailbridge.bridge.forward;

/** Lets a burst through, then a steady rate. Not thread-safe. */
public final class TokenBucket {

  private final long nanosPerToken;
  private final long capacityNanos;
  private long filledNanos;
  private long lastNanos;
  private boolean used;

  /** A full bucket. */
  public TokenBucket(int perSecond, int burst) {
    nanosPerToken = 1_000_000_000L / perSecond;
    capacityNanos = burst * nanosPerToken;
    filledNanos = capacityNanos;
  }

  /** Whether one more may pass, at this monotonic time. */
  public boolean take(long nowNanos) {
    if (used) {
      long pause = Math.min(capacityNanos, Math.max(0, nowNanos - lastNanos));
      filledNanos = Math.min(capacityNanos, filledNanos + pause);
    }
    used = true;
    lastNanos = nowNanos;
    if (filledNanos < nanosPerToken) {
      return false;
    }
    filledNanos -= nanosPerToken;
    return true;
  }
}
