package dev.tailbridge.netstack.tcp;

/**
 * Which acknowledgments tell the round trip: with timestamps every one that moves forward (RFC 7323
 * 4.1), else that of one segment at a time (RFC 6298 3), and never an ambiguous one (Karn's
 * algorithm).
 */
final class RoundTrips {

  /** Beyond this an echo is nonsense. */
  private static final long LONGEST = 300_000_000_000L;

  private final RttEstimator rtt;
  private final Timestamps timestamps;
  private boolean timing;
  private int timedEnd;
  private long timedAt;

  /** Up to where data was sent again, and what our clock said at the last time. */
  private int resentUntil;

  private int resentTimestamp;

  /** What our clock said when the first piece of a repair went out again. */
  private int repairTimestamp;

  private boolean repairBegins = true;

  RoundTrips(RttEstimator rtt, Timestamps timestamps, int initialSequence) {
    this.rtt = rtt;
    this.timestamps = timestamps;
    this.resentUntil = initialSequence;
  }

  /** Something new went out, up to the number before {@code end}. */
  void sent(int end, long now) {
    if (!timing) {
      timing = true;
      timedEnd = end;
      timedAt = now;
    }
  }

  /** Something went out again, {@code repairing} a loss or as a probe. */
  void resent(int end, long now, boolean repairing) {
    if (repairing && repairBegins) {
      repairBegins = false;
      repairTimestamp = timestamps.value(now);
    }
    timing = false;
    resentUntil = Seq.later(resentUntil, end);
    resentTimestamp = timestamps.value(now);
  }

  /** Nothing is being repaired: what goes out again next is the first piece of a new repair. */
  void repaired() {
    repairBegins = true;
  }

  /**
   * To what an acknowledgment that moves forward is the answer, during a repair. The answer to a
   * duplicate echoes what came first, too (RFC 7323 5.3, R2 before R3): then answers were lost, and
   * more may have been. A peer with SACK says so (RFC 2883), of another nothing is known.
   */
  Answer answer(Segment segment, boolean sack) {
    if (!timestamps.on() || !sack || repairBegins) {
      return Answer.UNKNOWN;
    }
    return Seq.before(segment.timestampEcho, repairTimestamp) && !segment.reportsDuplicate()
        ? Answer.TO_FIRST_TRANSMISSION
        : Answer.TO_LATER_TRANSMISSION;
  }

  /** What is on its way will be answered late or twice. */
  void forget() {
    timing = false;
  }

  /** An acknowledgment moves SND.UNA forward from {@code una}. */
  void acknowledged(Segment segment, int una, long now) {
    resentUntil = Seq.later(resentUntil, una);
    if (timestamps.on() && segment.hasTimestamps) {
      if (isAmbiguous(segment, una)) {
        return;
      }
      long sample = timestamps.roundTrip(segment, now);
      if (sample >= 0 && sample < LONGEST) {
        rtt.sample(sample);
      }
    } else if (timing && Seq.atOrAfter(segment.acknowledgment, timedEnd)) {
      timing = false;
      rtt.sample(now - timedAt);
    }
  }

  /**
   * What went out twice may be acknowledged by an answer to the second, with the timestamp of the
   * first, when the answer to the first was lost.
   */
  private boolean isAmbiguous(Segment segment, int una) {
    return Seq.before(una, resentUntil) && Seq.before(segment.timestampEcho, resentTimestamp);
  }
}
