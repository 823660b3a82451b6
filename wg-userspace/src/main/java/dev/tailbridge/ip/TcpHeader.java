package dev.tailbridge.ip;

import static dev.tailbridge.ip.InternetChecksum.add;
import static dev.tailbridge.ip.InternetChecksum.change;
import static dev.tailbridge.ip.InternetChecksum.update;

import io.netty.buffer.ByteBuf;

/** A TCP header (RFC 9293 3.1), or as much of it as an ICMP error quotes, in a buffer. */
public final class TcpHeader {

  /** Bytes of a header without options. */
  public static final int LENGTH = 20;

  public static final int FIN = 0x01;
  public static final int SYN = 0x02;
  public static final int RST = 0x04;
  public static final int PSH = 0x08;
  public static final int ACK = 0x10;

  private static final int SEQUENCE = 4;
  private static final int ACKNOWLEDGMENT = 8;
  private static final int DATA_OFFSET = 12;
  private static final int FLAGS = 13;
  private static final int CHECKSUM = 16;

  private static final int OPTION_END = 0;
  private static final int OPTION_NOP = 1;
  private static final int OPTION_MSS = 2;

  private final ByteBuf buffer;
  private final int at;
  private final int length;

  private TcpHeader(ByteBuf buffer, int at, int length) {
    this.buffer = buffer;
    this.at = at;
    this.length = length;
  }

  /**
   * The segment at {@code index}.
   *
   * @param length bytes of the segment that are in the buffer, at least 8; with fewer than a whole
   *     header only ports and sequence number can be read
   */
  public static TcpHeader at(ByteBuf buffer, int index, int length) {
    return new TcpHeader(buffer, index, length);
  }

  /** The segment that is the payload of an IPv4 packet. */
  public static TcpHeader of(ByteBuf packet, Ipv4Header ip) {
    return new TcpHeader(packet, ip.payload(), ip.payloadLength());
  }

  /** Whether the header with its options fits into the segment. */
  public boolean isWhole() {
    return length >= LENGTH && headerLength() >= LENGTH && headerLength() <= length;
  }

  /** Source port. */
  public int sourcePort() {
    return buffer.getUnsignedShort(at);
  }

  /** Destination port. */
  public int destinationPort() {
    return buffer.getUnsignedShort(at + 2);
  }

  /** Sequence number. */
  public int sequence() {
    return buffer.getInt(at + SEQUENCE);
  }

  /** Acknowledgment number. */
  public int acknowledgment() {
    return buffer.getInt(at + ACKNOWLEDGMENT);
  }

  /** Bytes of the header with its options as it claims them. */
  public int headerLength() {
    return (buffer.getUnsignedByte(at + DATA_OFFSET) >>> 4) * 4;
  }

  /** The flags FIN, SYN, RST, PSH, ACK and above. */
  public int flags() {
    return buffer.getUnsignedByte(at + FLAGS);
  }

  /** Whether all of these flags are set. */
  public boolean has(int flags) {
    return (flags() & flags) == flags;
  }

  /** Whether this segment asks for a new connection: SYN without ACK. */
  public boolean isOpening() {
    return (flags() & (SYN | ACK)) == SYN;
  }

  /** Sequence numbers that the segment occupies: its data, SYN and FIN. */
  public int sequenceLength() {
    return length - headerLength() + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
  }

  /** Whether the checksum is right, given the sum of the pseudo header. */
  public boolean hasValidChecksum(int pseudoHeader) {
    return add(pseudoHeader, InternetChecksum.sum(buffer, at, length)) == 0xffff;
  }

  /**
   * Replaces both ports and updates the checksum, if the quoted part reaches so far.
   *
   * @param pseudoHeaderChange what {@link Ipv4Header#rewriteAddresses} returned
   */
  public void rewritePorts(int source, int destination, int pseudoHeaderChange) {
    int change =
        add(
            pseudoHeaderChange,
            add(change(sourcePort(), source), change(destinationPort(), destination)));
    buffer.setShort(at, source);
    buffer.setShort(at + 2, destination);
    if (length >= CHECKSUM + 2) {
      updateChecksum(change);
    }
  }

  /**
   * Lowers the maximum segment size option (RFC 9293 3.7.1) to {@code limit} and updates the
   * checksum. A smaller one stays, and an absent one is not added: the peer then assumes 536.
   */
  public void clampMss(int limit) {
    int end = at + headerLength();
    int option = at + LENGTH;
    while (option < end) {
      int kind = buffer.getUnsignedByte(option);
      if (kind == OPTION_END) {
        return;
      }
      if (kind == OPTION_NOP) {
        option++;
        continue;
      }
      int size = option + 1 < end ? buffer.getUnsignedByte(option + 1) : 0;
      if (size < 2 || option + size > end) {
        return;
      }
      if (kind == OPTION_MSS && size == 4) {
        lowerTo(limit, option + 2);
      }
      option += size;
    }
  }

  private void lowerTo(int limit, int index) {
    int mss = buffer.getUnsignedShort(index);
    if (mss <= limit) {
      return;
    }
    buffer.setShort(index, limit);
    int change = change(mss, limit);
    // An option at an odd place straddles two words: its bytes count in swapped places.
    boolean straddles = (index - at) % 2 != 0;
    updateChecksum(straddles ? ((change << 8) | (change >>> 8)) & 0xffff : change);
  }

  private void updateChecksum(int change) {
    buffer.setShort(at + CHECKSUM, update(buffer.getUnsignedShort(at + CHECKSUM), change));
  }

  /** Writes a header without options, data and window over the bytes at this index. */
  void write(int sourcePort, int destinationPort, int sequence, int acknowledgment, int flags) {
    buffer.setShort(at, sourcePort);
    buffer.setShort(at + 2, destinationPort);
    buffer.setInt(at + SEQUENCE, sequence);
    buffer.setInt(at + ACKNOWLEDGMENT, acknowledgment);
    buffer.setByte(at + DATA_OFFSET, (LENGTH / 4) << 4);
    buffer.setByte(at + FLAGS, flags);
    buffer.setShort(at + FLAGS + 1, 0);
    buffer.setInt(at + CHECKSUM, 0);
  }

  /** Computes the checksum of a segment whose checksum field is zero. */
  public void computeChecksum(int pseudoHeader) {
    int sum = add(pseudoHeader, InternetChecksum.sum(buffer, at, length));
    buffer.setShort(at + CHECKSUM, ~sum & 0xffff);
  }
}
