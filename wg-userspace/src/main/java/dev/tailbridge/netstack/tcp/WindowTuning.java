package dev.tailbridge.netstack.tcp;

/**
 * How large the receive window should be: twice what the application took within a round trip.
 * Consumption counts and not arrival, so that a connection that is handed on to a slow one keeps
 * its data with its sender. It grows only, and never beyond the limit.
 */
final class WindowTuning {

  private static final long UNKNOWN = Long.MAX_VALUE;

  private final int limit;
  private int size;

  /** Bytes that were read since the period began. */
  private int consumed;

  private long begun;

  /** The shortest round trip that was seen in this period. */
  private long roundTrip = UNKNOWN;

  /** Where the window ended when the period began: it takes a round trip at least to get there. */
  private int edge;

  WindowTuning(int first, int limit) {
    this.limit = limit;
    this.size = Math.min(first, limit);
  }

  /** Bytes that may be held of what came. */
  int size() {
    return size;
  }

  /** The application took some bytes. */
  void consumed(int bytes) {
    consumed += bytes;
  }

  /**
   * Data came.
   *
   * @param sample the round trip in nanoseconds as far as this segment tells; negative for unknown
   * @param next RCV.NXT
   * @param newEdge RCV.NXT + RCV.WND
   */
  void arrived(long now, long sample, int next, int newEdge) {
    if (sample >= 0) {
      roundTrip = Math.min(roundTrip, sample);
    }
    boolean over = roundTrip == UNKNOWN ? Seq.atOrAfter(next, edge) : now - begun >= roundTrip;
    if (over) {
      size = Math.max(size, (int) Math.min(limit, 2L * consumed));
      consumed = 0;
      begun = now;
      roundTrip = UNKNOWN;
      edge = newEdge;
    }
  }
}
