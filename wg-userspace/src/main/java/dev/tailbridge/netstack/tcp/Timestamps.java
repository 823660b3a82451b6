package dev.tailbridge.netstack.tcp;

/** The timestamps option of one connection (RFC 7323 3 to 5): our clock, and what the peer said. */
final class Timestamps {

  private static final long NANOS_PER_TICK = 1_000_000L;

  /** RFC 7323 5.5: after 24 days of idleness the peer's clock may have wrapped. */
  private static final long OUTDATED = 24L * 24 * 3600 * 1_000_000_000L;

  private final int offset;
  private boolean on;
  private int recent;
  private long recentAt;

  /** Last.ACK.sent. */
  private int lastAckSent;

  /**
   * @param offset is added to our clock, so that it does not tell how long we are up (RFC 7323 7.1)
   */
  Timestamps(int offset) {
    this.offset = offset;
  }

  boolean on() {
    return on;
  }

  /** What the option takes in every segment. */
  int bytes() {
    return on ? 12 : 0;
  }

  /** Both sides said it in their SYN. */
  void begin(int timestamp, int acknowledged, long now) {
    on = true;
    recent = timestamp;
    recentAt = now;
    lastAckSent = acknowledged;
  }

  /** TSval of a segment sent now. */
  int value(long now) {
    return (int) (now / NANOS_PER_TICK) + offset;
  }

  /** TS.Recent. */
  int recent() {
    return recent;
  }

  /** PAWS: whether a segment is older than one that was accepted before (RFC 7323 5.3 R1). */
  boolean isOld(Segment segment, long now) {
    return Seq.before(segment.timestamp, recent) && now - recentAt < OUTDATED;
  }

  /** An acceptable segment came (RFC 7323 4.3 step 2). */
  void accepted(Segment segment, long now) {
    boolean newer = Seq.atOrAfter(segment.timestamp, recent) || now - recentAt >= OUTDATED;
    if (newer && Seq.atOrBefore(segment.sequence, lastAckSent)) {
      recent = segment.timestamp;
      recentAt = now;
    }
  }

  void acknowledgmentSent(int acknowledgment) {
    lastAckSent = acknowledgment;
  }

  /** How long ago we sent what is echoed, in nanoseconds; negative when that is nonsense. */
  long roundTrip(Segment segment, long now) {
    int ticks = value(now) - segment.timestampEcho;
    return ticks == 0 ? NANOS_PER_TICK / 2 : ticks * NANOS_PER_TICK;
  }
}
