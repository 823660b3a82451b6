package dev.tailbridge.netstack.tcp;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The raw other side of a {@link Script}: what it heard and said, and how it says a line. */
final class ScriptedPeer {
  /** Our initial number, and its own: both sides' sequence numbers wrap. */
  static final int ISS = -700;

  static final int IRS = -300;

  /** What its clock of timestamps said when the script began. */
  static final int CLOCK = -1000;

  private final Peer peer;
  private final TcpConfig config;

  /** Relative sequence numbers that it got from us, and that it sent to us. */
  private final BitSet heard = new BitSet();

  private final BitSet told = new BitSet();

  /** What it offers when a line says nothing else. */
  int window;

  private int shift;
  private int echo;

  /**
   * @param config our side's
   */
  ScriptedPeer(Peer peer, TcpConfig config) {
    this.peer = peer;
    this.config = config;
    this.window = peer.window;
  }

  /**
   * The segment that a line means.
   *
   * @param timestamps whether the connection has agreed on them
   * @param clock what its clock of timestamps says
   */
  Segment says(Seg line, boolean timestamps, int clock) {
    boolean syn = (line.flags & Segment.SYN) != 0;
    boolean acks = (line.flags & Segment.ACK) != 0;
    int start = or(line.seq, toldInOrder());
    if (!line.refused && start >= 0 && (line.flags & Segment.RST) == 0) {
      told.set(start, start + line.sequenceLength());
    }
    Segment segment = new Segment().clear();
    segment.flags = line.flags;
    segment.sequence = IRS + start;
    segment.acknowledgment = acks ? ISS + or(line.ack, heard.nextClearBit(0)) : 0;
    if (syn) {
      segment.mss = or(line.mss, peer.mss);
      segment.windowScale = or(line.shift, peer.shift);
      segment.sackPermitted = line.sackPermitted != null ? line.sackPermitted : peer.sack;
      shift = config.windowScaling() ? Math.max(0, Math.min(segment.windowScale, 14)) : 0;
    }
    segment.window = or(line.win, window) >> (syn ? 0 : shift);
    boolean usual = syn ? peer.timestamps : timestamps;
    segment.hasTimestamps = line.timestamps != null ? line.timestamps : usual;
    segment.timestamp = segment.hasTimestamps ? or(line.tsval, clock) : 0;
    segment.timestampEcho = segment.hasTimestamps && acks ? or(line.tsecr, echo) : 0;
    int[] blocks = line.sack == null ? new int[0] : line.sack;
    for (int i = 0; i < blocks.length; i += 2) {
      segment.addSack(ISS + blocks[i], ISS + blocks[i + 1]);
    }
    segment.data = new byte[line.length];
    int first = syn ? start + 1 : start;
    for (int i = 0; i < line.length; i++) {
      segment.data[i] = theirByte(first + i);
    }
    segment.dataLength = line.length;
    return segment;
  }

  /** A segment of ours reaches it. */
  void hears(Segment segment) {
    int start = segment.sequence - ISS;
    if (start >= 0) {
      heard.set(start, start + segment.sequenceLength());
    }
    if (segment.hasTimestamps) {
      echo = segment.timestamp;
    }
  }

  /** The relative end of what it said without a gap. */
  int toldInOrder() {
    return told.nextClearBit(0);
  }

  /** The byte of its that has this relative sequence number. */
  static byte theirByte(int relative) {
    return (byte) (relative * 17 + (relative >> 8) * 5 + 3);
  }

  static int or(@Nullable Integer said, int otherwise) {
    return said != null ? said : otherwise;
  }
}
