package dev.tailbridge.netstack.tcp;

import org.jspecify.annotations.Nullable;

/**
 * One segment: the fields of its header, its options, and where its data lies. Reused: whoever gets
 * one must not keep it.
 *
 * <p>The data is {@code dataLength} bytes of an array that begin at {@code dataOffset} and go on at
 * the array's start when its end is reached, so that a ring buffer need not be copied to be sent.
 */
public final class Segment {

  public static final int FIN = 0x01;
  public static final int SYN = 0x02;
  public static final int RST = 0x04;
  public static final int PSH = 0x08;
  public static final int ACK = 0x10;

  static final int MAX_SACK_BLOCKS = 4;
  private static final byte[] NO_DATA = new byte[0];

  int sourcePort;
  int destinationPort;
  int sequence;
  int acknowledgment;
  int flags;

  /** As it stands in the header: 0 to 65535, not yet scaled. */
  int window;

  /** 0 when the option is absent. */
  int mss;

  /** -1 when the option is absent. */
  int windowScale;

  boolean sackPermitted;
  boolean hasTimestamps;
  int timestamp;
  int timestampEcho;

  /** First sequence number of a block and the one after its last, in turn. */
  final int[] sack = new int[2 * MAX_SACK_BLOCKS];

  int sackBlocks;

  byte[] data = NO_DATA;
  int dataOffset;
  int dataLength;

  /** Forgets everything. */
  Segment clear() {
    sourcePort = 0;
    destinationPort = 0;
    sequence = 0;
    acknowledgment = 0;
    flags = 0;
    window = 0;
    mss = 0;
    windowScale = -1;
    sackPermitted = false;
    hasTimestamps = false;
    timestamp = 0;
    timestampEcho = 0;
    sackBlocks = 0;
    data = NO_DATA;
    dataOffset = 0;
    dataLength = 0;
    return this;
  }

  public int sourcePort() {
    return sourcePort;
  }

  public int destinationPort() {
    return destinationPort;
  }

  /** Says between which ports this segment travels. */
  public void ports(int source, int destination) {
    sourcePort = source;
    destinationPort = destination;
  }

  public int sequence() {
    return sequence;
  }

  public int acknowledgment() {
    return acknowledgment;
  }

  /** Whether all of these flags are set. */
  public boolean has(int wanted) {
    return (flags & wanted) == wanted;
  }

  /** Whether it asks for a new connection: SYN with neither ACK nor RST. */
  public boolean isOpening() {
    return (flags & (SYN | ACK | RST)) == SYN;
  }

  /** SEG.LEN: sequence numbers that it occupies. */
  public int sequenceLength() {
    return dataLength + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
  }

  public int dataLength() {
    return dataLength;
  }

  /** A copy to keep, without the data. */
  public Segment copyOfHeader() {
    Segment copy = new Segment().clear();
    copy.sourcePort = sourcePort;
    copy.destinationPort = destinationPort;
    copy.sequence = sequence;
    copy.acknowledgment = acknowledgment;
    copy.flags = flags;
    copy.window = window;
    copy.mss = mss;
    copy.windowScale = windowScale;
    copy.sackPermitted = sackPermitted;
    copy.hasTimestamps = hasTimestamps;
    copy.timestamp = timestamp;
    copy.timestampEcho = timestampEcho;
    return copy;
  }

  void addSack(int start, int end) {
    sack[2 * sackBlocks] = start;
    sack[2 * sackBlocks + 1] = end;
    sackBlocks++;
  }

  /** Whether it says that something came twice (RFC 2883 4): its first block is acknowledged. */
  boolean reportsDuplicate() {
    return sackBlocks > 0 && Seq.atOrBefore(sack[1], acknowledgment);
  }

  /** Copies {@code length} bytes of the data from {@code from} on. */
  void copyData(int from, byte[] target, int at, int length) {
    int start = dataOffset + from;
    if (start >= data.length) {
      start -= data.length;
    }
    int first = Math.min(length, data.length - start);
    System.arraycopy(data, start, target, at, first);
    System.arraycopy(data, 0, target, at + first, length - first);
  }

  /**
   * Makes this the reset that answers a segment of no connection (RFC 9293 3.10.7.1).
   *
   * @return null for a reset, which is never answered
   */
  public static @Nullable Segment resetAnswering(Segment about) {
    if (about.has(RST)) {
      return null;
    }
    Segment reset = new Segment().clear();
    reset.sourcePort = about.destinationPort;
    reset.destinationPort = about.sourcePort;
    if (about.has(ACK)) {
      reset.sequence = about.acknowledgment;
      reset.flags = RST;
    } else {
      reset.acknowledgment = about.sequence + about.sequenceLength();
      reset.flags = RST | ACK;
    }
    return reset;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append((flags & SYN) != 0 ? "S" : "").append((flags & FIN) != 0 ? "F" : "");
    text.append((flags & RST) != 0 ? "R" : "").append((flags & ACK) != 0 ? "." : "");
    text.append(" seq ").append(Integer.toUnsignedString(sequence)).append('+').append(dataLength);
    text.append(" ack ").append(Integer.toUnsignedString(acknowledgment));
    text.append(" win ").append(window);
    for (int i = 0; i < sackBlocks; i++) {
      text.append(" sack ").append(Integer.toUnsignedString(sack[2 * i]));
      text.append('-').append(Integer.toUnsignedString(sack[2 * i + 1]));
    }
    return text.toString();
  }
}
