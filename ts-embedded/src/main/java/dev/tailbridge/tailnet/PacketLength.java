package dev.tailbridge.tailnet;

import io.netty.buffer.ByteBuf;

/**
 * How long an IP packet says it is. On the packet descriptor this is the only framing there is, so
 * both directions depend on it.
 */
final class PacketLength {

  /** Not enough bytes to tell. */
  static final int UNKNOWN = -1;

  /** No IP packet starts with these bytes. */
  static final int INVALID = -2;

  /** So many first bytes of a packet always tell its length. */
  static final int ENOUGH = 6;

  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;

  private PacketLength() {}

  /**
   * Reads the length of the packet that starts at {@code index}: IPv4's total length (RFC 791 3.1),
   * IPv6's payload length and its header (RFC 8200 3).
   *
   * @param available how many bytes may be read
   * @return 20 to 65575, {@link #UNKNOWN} or {@link #INVALID}
   */
  static int at(ByteBuf bytes, int index, int available) {
    if (available < 1) {
      return UNKNOWN;
    }
    int first = bytes.getUnsignedByte(index);
    switch (first >> 4) {
      case 4 -> {
        int header = (first & 0xf) * 4;
        if (header < IPV4_HEADER) {
          return INVALID;
        }
        if (available < 4) {
          return UNKNOWN;
        }
        int total = bytes.getUnsignedShort(index + 2);
        return total < header ? INVALID : total;
      }
      case 6 -> {
        return available < 6 ? UNKNOWN : IPV6_HEADER + bytes.getUnsignedShort(index + 4);
      }
      default -> {
        return INVALID;
      }
    }
  }
}
