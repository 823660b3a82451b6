package dev.tailbridge.netstack.tcp;

/** The retransmission timeout (RFC 6298). All times are nanoseconds. */
final class RttEstimator {

  /** RFC 6298 2.1. */
  private static final long INITIAL_RTO = 1_000_000_000L;

  /** RFC 6298 5.7: after a SYN that was sent again. */
  private static final long RTO_AFTER_LOST_SYN = 3_000_000_000L;

  /** RFC 6298 2.5 asks for at least 60 s. */
  private static final long MAX_RTO = 60_000_000_000L;

  /** Timestamps count milliseconds. */
  private static final long GRANULARITY = 1_000_000L;

  private final long minRto;
  private long smoothed = -1;
  private long variation;
  private long rto = INITIAL_RTO;
  private int backoff;

  RttEstimator(long minRto) {
    this.minRto = minRto;
  }

  /** A round trip was measured; with Karn's algorithm the caller leaves out ambiguous ones. */
  void sample(long rtt) {
    if (smoothed < 0) {
      // RFC 6298 2.2.
      smoothed = rtt;
      variation = rtt / 2;
    } else {
      // RFC 6298 2.3.
      variation = (3 * variation + Math.abs(smoothed - rtt)) / 4;
      smoothed = (7 * smoothed + rtt) / 8;
    }
    rto = smoothed + Math.max(GRANULARITY, 4 * variation);
    rto = Math.min(MAX_RTO, Math.max(minRto, rto));
    backoff = 0;
  }

  /** RFC 6298 5.5. */
  void backOff() {
    backoff++;
  }

  /**
   * Data was acknowledged, by an ambiguous answer maybe. RFC 6298 5 keeps the backed-off timeout
   * until a clean sample; without timestamps and with much loss none would come for minutes. One
   * doubling stays, for a path that became slower.
   */
  void easeBackoff() {
    backoff = Math.min(backoff, 1);
  }

  /** Whether something timed out since the last acknowledgment. */
  boolean isBackedOff() {
    return backoff > 0;
  }

  void forgetBackoff() {
    backoff = 0;
  }

  /** The handshake is done and its SYN went out more than once (RFC 6298 5.7). */
  void synWasLost() {
    if (smoothed < 0) {
      rto = RTO_AFTER_LOST_SYN;
    }
    backoff = 0;
  }

  long timeout() {
    return backoff > 16 ? MAX_RTO : Math.min(MAX_RTO, rto << backoff);
  }

  /** SRTT; negative before the first sample. */
  long smoothed() {
    return smoothed;
  }

  /** RTTVAR. */
  long variation() {
    return variation;
  }
}
