package dev.tailbridge.netstack.tcp;

/** What the peer said it holds behind a gap (RFC 6675 3). Empty without SACK. */
final class Scoreboard {

  private static final int MAX_RANGES = 64;

  /** DupThresh. */
  private static final int THRESHOLD = 3;

  private final SequenceRanges held = new SequenceRanges(MAX_RANGES);

  /**
   * Takes the blocks of an acknowledgment. What lies below it, as a duplicate report does (RFC
   * 2883), or was never sent, counts for nothing.
   *
   * @return whether something new was in them
   */
  boolean update(Segment segment, int unacknowledged, int next) {
    int before = held.total();
    for (int i = 0; i < segment.sackBlocks; i++) {
      int start = segment.sack[2 * i];
      int end = segment.sack[2 * i + 1];
      if (Seq.after(start, unacknowledged) && Seq.before(start, end) && Seq.atOrBefore(end, next)) {
        held.add(start, end);
      }
    }
    return held.total() != before;
  }

  void acknowledged(int sequence) {
    held.removeBefore(sequence);
  }

  int memory() {
    return held.memory();
  }

  /** Gives back memory that is not used. */
  void trim() {
    held.trim();
  }

  void clear() {
    held.clear();
  }

  /** How many bytes the peer holds. */
  int total() {
    return held.total();
  }

  boolean isEmpty() {
    return held.count() == 0;
  }

  /** The number after the last byte that the peer holds. */
  int highest() {
    return held.end(held.count() - 1);
  }

  /**
   * Every byte below this number that the peer does not hold is lost (RFC 6675 4, IsLost): three
   * ranges, or more than two segments, lie above it. {@code unacknowledged} when none is.
   */
  int lossEdge(int unacknowledged, int mss) {
    int bytes = 0;
    for (int i = held.count() - 1; i >= 0; i--) {
      bytes += held.end(i) - held.start(i);
      if (held.count() - i >= THRESHOLD || bytes > (THRESHOLD - 1) * mss) {
        return held.start(i);
      }
    }
    return unacknowledged;
  }

  /** How many of start to end - 1 the peer does not hold. */
  int missing(int start, int end) {
    return Seq.before(start, end) ? end - start - held.overlap(start, end) : 0;
  }

  int firstMissing(int sequence) {
    return held.firstMissing(sequence);
  }

  /** Where the piece that begins at a missing number ends. */
  int missingUntil(int sequence, int otherwise) {
    return held.nextStart(sequence, otherwise);
  }
}
