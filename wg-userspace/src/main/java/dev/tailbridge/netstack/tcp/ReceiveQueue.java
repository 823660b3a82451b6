package dev.tailbridge.netstack.tcp;

/**
 * What the peer sent: bytes in order that wait to be read, and bounded pieces behind a gap.
 *
 * <ul>
 *   <li>Never more than {@link WindowTuning} allows is held, and nothing beyond the window that was
 *       offered.
 *   <li>The right edge of the window never retreats (RFC 9293 3.8.6: SHLD-14).
 *   <li>Bytes in order are never dropped; a piece behind a gap is when there are 32 of them.
 * </ul>
 */
final class ReceiveQueue {

  /** Pieces behind gaps. */
  static final int MAX_PIECES = 32;

  private final WindowTuning tuning;
  private final Ring ring = new Ring();
  private final SequenceRanges pieces = new SequenceRanges(MAX_PIECES);

  /** RCV.NXT. */
  private int next;

  /** RCV.NXT + RCV.WND: what was offered. */
  private int edge;

  private int readable;

  /** A piece that came twice, to be reported once (RFC 2883); empty when both are equal. */
  private int duplicateStart;

  private int duplicateEnd;

  private boolean scarce;

  /**
   * @param first how much is held at first
   * @param most how much at the most
   */
  ReceiveQueue(int first, int most) {
    this.tuning = new WindowTuning(first, most);
  }

  /** Begins after a SYN with this sequence number, with a window that was offered before. */
  void begin(int initialSequence, int offered) {
    next = initialSequence + 1;
    edge = next + offered;
  }

  /**
   * While memory is scarce nothing is held behind a gap, as RFC 2018 8 allows, and the window opens
   * for little only.
   */
  void scarce(boolean on) {
    if (on && !scarce) {
      pieces.clear();
      trim();
    }
    scarce = on;
  }

  private int capacity() {
    return scarce ? Math.min(tuning.size(), SendQueue.SCARCE_BYTES) : tuning.size();
  }

  int next() {
    return next;
  }

  /** RCV.WND. */
  int window() {
    return edge - next;
  }

  int readable() {
    return readable;
  }

  boolean hasGap() {
    return pieces.count() > 0;
  }

  int memory() {
    return ring.memory() + pieces.memory();
  }

  /**
   * Moves the right edge of the window as far as the header's field, scaled by the shift, can say
   * it.
   */
  void offer(int mss, int shift) {
    int capacity = capacity();
    int fits = Math.min(capacity - readable, 0xffff << shift) >> shift << shift;
    int proposed = next + fits;
    // RFC 9293 3.8.6.2.2: no step smaller than a segment, or a fraction of a small buffer. Half of
    // it is recommended; a quarter keeps buffers of three segments in use.
    if (proposed - edge >= Math.min(mss, Math.max(1, capacity / 4))) {
      edge = Seq.later(edge, proposed);
    }
  }

  /**
   * Data came at this time: the window may have to grow.
   *
   * @param roundTrip in nanoseconds; negative when nothing is known of it
   */
  void tune(long now, long roundTrip) {
    tuning.arrived(now, roundTrip, next, edge);
  }

  /** Whether {@link #offer} would open the window by what the peer should hear of at once. */
  boolean opens(int mss, int shift) {
    int capacity = capacity();
    int fits = Math.min(capacity - readable, 0xffff << shift);
    int step = next + fits - edge;
    return step >= Math.min(2 * mss, Math.max(1, capacity / 2));
  }

  /**
   * Takes the data of a segment, of which the first byte has this sequence number; what lies
   * outside the window is left away.
   *
   * @return whether the bytes in order became more
   */
  boolean insert(int sequence, Segment segment) {
    int start = Seq.later(sequence, next);
    int end = Seq.earlier(sequence + segment.dataLength, edge);
    noteDuplicate(sequence, sequence + segment.dataLength);
    if (Seq.atOrAfter(start, end)) {
      return false;
    }
    boolean inOrder = start == next;
    if (scarce && !inOrder) {
      return false;
    }
    while (!pieces.add(start, end)) {
      if (!inOrder) {
        return false;
      }
      pieces.removeLast();
    }
    int extent = extent();
    ring.ensure(extent, Math.min(extent, ring.memory()));
    ring.put(readable + (start - next), segment, start - sequence, end - start);
    if (!inOrder) {
      return false;
    }
    int reached = pieces.end(0);
    readable += reached - next;
    next = reached;
    pieces.removeBefore(next);
    return true;
  }

  /** From the first byte that can be read to the last that is held. */
  private int extent() {
    return pieces.count() == 0 ? readable : readable + (pieces.end(pieces.count() - 1) - next);
  }

  /** Remembers to report these bytes (RFC 2883) when all of them came before. */
  void noteDuplicate(int start, int end) {
    if (Seq.before(start, end) && (Seq.atOrBefore(end, next) || pieces.covers(start, end))) {
      duplicateStart = start;
      duplicateEnd = end;
    }
  }

  /** The FIN takes a sequence number and no place. */
  void finReceived() {
    next++;
    edge = Seq.later(edge, next);
  }

  int read(byte[] target, int at, int length) {
    int count = Math.min(length, readable);
    ring.copyOut(0, target, at, count);
    ring.drop(count);
    readable -= count;
    tuning.consumed(count);
    if (readable == 0 && pieces.count() == 0) {
      ring.emptied();
    }
    return count;
  }

  /**
   * Adds blocks to an acknowledgment: a duplicate first (RFC 2883 4), then the piece that grew
   * last, then the others, latest first (RFC 2018 4).
   */
  void report(Segment ack, int most) {
    if (duplicateStart != duplicateEnd) {
      ack.addSack(duplicateStart, duplicateEnd);
      duplicateStart = duplicateEnd;
    }
    long stamp = Long.MAX_VALUE;
    while (ack.sackBlocks < most) {
      int piece = pieces.latestBefore(stamp);
      if (piece < 0) {
        return;
      }
      ack.addSack(pieces.start(piece), pieces.end(piece));
      stamp = pieces.stamp(piece);
    }
  }

  boolean hasReport() {
    return pieces.count() > 0 || duplicateStart != duplicateEnd;
  }

  /** Gives back memory that is not used. */
  void trim() {
    ring.fit(extent());
    pieces.trim();
  }

  /** Lets all of it go. */
  void free() {
    readable = 0;
    pieces.clear();
    pieces.trim();
    ring.free();
  }
}
