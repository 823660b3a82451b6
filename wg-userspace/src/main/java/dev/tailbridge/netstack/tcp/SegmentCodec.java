package dev.tailbridge.netstack.tcp;

/**
 * Reads and writes segments as bytes (RFC 9293 3.1 and 3.2, RFC 7323, RFC 2018). The checksum is
 * the business of whoever knows the addresses: it is neither checked here nor filled in.
 */
public final class SegmentCodec {

  /** Bytes of a header without options. */
  public static final int HEADER_BYTES = 20;

  /** Bytes of the longest header. */
  public static final int MAX_HEADER_BYTES = 60;

  private static final int END = 0;
  private static final int NOP = 1;
  private static final int MSS = 2;
  private static final int WINDOW_SCALE = 3;
  private static final int SACK_PERMITTED = 4;
  private static final int SACK = 5;
  private static final int TIMESTAMPS = 8;
  private static final int NOP_NOP = NOP << 24 | NOP << 16;
  private static final int MAX_WINDOW_SCALE = 14;

  private SegmentCodec() {}

  /**
   * Reads a segment of {@code length} bytes; its data stays where it is. An option that is cut off
   * or of a wrong size ends the reading of options, unknown ones are passed over (RFC 9293 3.1:
   * MUST-6, MUST-7).
   *
   * @return false when it is no segment: too short, or its header longer than itself
   */
  public static boolean read(byte[] bytes, int at, int length, Segment into) {
    into.clear();
    if (length < HEADER_BYTES) {
      return false;
    }
    int header = ((bytes[at + 12] >>> 4) & 0xf) * 4;
    if (header < HEADER_BYTES || header > length) {
      return false;
    }
    into.sourcePort = short16(bytes, at);
    into.destinationPort = short16(bytes, at + 2);
    into.sequence = int32(bytes, at + 4);
    into.acknowledgment = int32(bytes, at + 8);
    into.flags = bytes[at + 13] & 0xff;
    into.window = short16(bytes, at + 14);
    into.data = bytes;
    into.dataOffset = at + header;
    into.dataLength = length - header;
    readOptions(bytes, at + HEADER_BYTES, at + header, into);
    return true;
  }

  private static void readOptions(byte[] bytes, int from, int end, Segment into) {
    int at = from;
    while (at < end && bytes[at] != END) {
      if (bytes[at] == NOP) {
        at++;
        continue;
      }
      int size = at + 1 < end ? bytes[at + 1] & 0xff : 0;
      if (size < 2 || at + size > end) {
        return;
      }
      readOption(bytes, at, size, into);
      at += size;
    }
  }

  private static void readOption(byte[] bytes, int at, int size, Segment into) {
    boolean syn = into.has(Segment.SYN);
    switch (bytes[at]) {
      case MSS -> {
        if (size == 4 && syn) {
          into.mss = short16(bytes, at + 2);
        }
      }
      case WINDOW_SCALE -> {
        if (size == 3 && syn) {
          // RFC 7323 2.3: a greater one counts as 14.
          into.windowScale = Math.min(bytes[at + 2] & 0xff, MAX_WINDOW_SCALE);
        }
      }
      case SACK_PERMITTED -> into.sackPermitted |= size == 2 && syn;
      case TIMESTAMPS -> {
        if (size == 10) {
          into.hasTimestamps = true;
          into.timestamp = int32(bytes, at + 2);
          into.timestampEcho = int32(bytes, at + 6);
        }
      }
      case SACK -> {
        if (size > 2 && (size - 2) % 8 == 0) {
          into.sackBlocks = 0;
          for (int i = at + 2; i < at + size && into.sackBlocks < Segment.MAX_SACK_BLOCKS; i += 8) {
            into.addSack(int32(bytes, i), int32(bytes, i + 4));
          }
        }
      }
      default -> {}
    }
  }

  /** Bytes that {@link #write} makes of this segment. */
  public static int length(Segment segment) {
    return HEADER_BYTES + optionBytes(segment) + segment.dataLength;
  }

  /** Bytes of the options, a multiple of four. */
  static int optionBytes(Segment segment) {
    return (segment.mss != 0 ? 4 : 0)
        + (segment.windowScale >= 0 ? 4 : 0)
        + (segment.sackPermitted && !segment.hasTimestamps ? 4 : 0)
        + (segment.hasTimestamps ? 12 : 0)
        + sackBytes(segment.sackBlocks);
  }

  static int sackBytes(int blocks) {
    return blocks == 0 ? 0 : 4 + 8 * blocks;
  }

  /** Writes header, options and data with a checksum of zero, and says how many bytes it took. */
  public static int write(Segment segment, byte[] bytes, int at) {
    int header = HEADER_BYTES + optionBytes(segment);
    putShort(bytes, at, segment.sourcePort);
    putShort(bytes, at + 2, segment.destinationPort);
    putInt(bytes, at + 4, segment.sequence);
    putInt(bytes, at + 8, segment.acknowledgment);
    bytes[at + 12] = (byte) ((header / 4) << 4);
    bytes[at + 13] = (byte) segment.flags;
    putShort(bytes, at + 14, segment.window);
    putInt(bytes, at + 16, 0);
    int option = at + HEADER_BYTES;
    if (segment.mss != 0) {
      option = putInt(bytes, option, MSS << 24 | 4 << 16 | segment.mss);
    }
    if (segment.windowScale >= 0) {
      option = putInt(bytes, option, NOP << 24 | WINDOW_SCALE << 16 | 3 << 8 | segment.windowScale);
    }
    if (segment.sackPermitted && !segment.hasTimestamps) {
      option = putInt(bytes, option, NOP_NOP | SACK_PERMITTED << 8 | 2);
    }
    if (segment.hasTimestamps) {
      int padding = segment.sackPermitted ? SACK_PERMITTED << 24 | 2 << 16 : NOP_NOP;
      option = putInt(bytes, option, padding | TIMESTAMPS << 8 | 10);
      option = putInt(bytes, option, segment.timestamp);
      option = putInt(bytes, option, segment.timestampEcho);
    }
    if (segment.sackBlocks > 0) {
      option = putInt(bytes, option, NOP_NOP | SACK << 8 | (2 + 8 * segment.sackBlocks));
      for (int i = 0; i < 2 * segment.sackBlocks; i++) {
        option = putInt(bytes, option, segment.sack[i]);
      }
    }
    segment.copyData(0, bytes, at + header, segment.dataLength);
    return header + segment.dataLength;
  }

  private static int short16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  private static int int32(byte[] bytes, int at) {
    return short16(bytes, at) << 16 | short16(bytes, at + 2);
  }

  private static void putShort(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >>> 8);
    bytes[at + 1] = (byte) value;
  }

  private static int putInt(byte[] bytes, int at, int value) {
    putShort(bytes, at, value >>> 16);
    putShort(bytes, at + 2, value);
    return at + 4;
  }
}
