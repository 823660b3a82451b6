package dev.tailbridge.ip;

import static dev.tailbridge.ip.InternetChecksum.add;
import static dev.tailbridge.ip.InternetChecksum.change;
import static dev.tailbridge.ip.InternetChecksum.change32;
import static dev.tailbridge.ip.InternetChecksum.sum;
import static dev.tailbridge.ip.InternetChecksum.update;

import io.netty.buffer.ByteBuf;

/** An IPv4 header (RFC 791 3.1) at an index of a buffer. */
public final class Ipv4Header {

  /** Bytes of a header without options. */
  public static final int LENGTH = 20;

  private static final int DONT_FRAGMENT = 0x4000;
  private static final int MORE_FRAGMENTS = 0x2000;
  private static final int OFFSET_MASK = 0x1fff;

  private static final int TYPE_OF_SERVICE = 1;
  private static final int TOTAL_LENGTH = 2;
  private static final int IDENTIFICATION = 4;
  private static final int FRAGMENT = 6;
  private static final int TTL = 8;
  private static final int PROTOCOL = 9;
  private static final int CHECKSUM = 10;
  private static final int SOURCE = 12;
  private static final int DESTINATION = 16;

  private final ByteBuf buffer;
  private final int at;

  private Ipv4Header(ByteBuf buffer, int at) {
    this.buffer = buffer;
    this.at = at;
  }

  /** The header at {@code index}; at least {@link #LENGTH} bytes must be there. */
  public static Ipv4Header at(ByteBuf buffer, int index) {
    return new Ipv4Header(buffer, index);
  }

  /** The header at the reader index of a whole packet. */
  public static Ipv4Header of(ByteBuf packet) {
    return new Ipv4Header(packet, packet.readerIndex());
  }

  /** What is wrong with the readable bytes as one whole IPv4 packet, the transport apart. */
  public static Ipv4Fault fault(ByteBuf packet) {
    int size = packet.readableBytes();
    if (size < LENGTH) {
      return Ipv4Fault.TRUNCATED;
    }
    Ipv4Header ip = of(packet);
    if (ip.version() != 4) {
      return Ipv4Fault.NOT_IPV4;
    }
    int header = ip.headerLength();
    if (header < LENGTH || header > size) {
      return Ipv4Fault.HEADER_LENGTH;
    }
    if (ip.totalLength() != size) {
      return Ipv4Fault.TOTAL_LENGTH;
    }
    return sum(packet, packet.readerIndex(), header) == 0xffff
        ? Ipv4Fault.NONE
        : Ipv4Fault.CHECKSUM;
  }

  /** The version nibble. */
  public int version() {
    return buffer.getUnsignedByte(at) >>> 4;
  }

  /** Bytes of the header, options included: 0 to 60 as it was written, 20 to 60 when valid. */
  public int headerLength() {
    return (buffer.getByte(at) & 0x0f) * 4;
  }

  /** Bytes of the packet as the header claims them. */
  public int totalLength() {
    return buffer.getUnsignedShort(at + TOTAL_LENGTH);
  }

  /** Index of the first byte after the header. */
  public int payload() {
    return at + headerLength();
  }

  /** Bytes after the header as the header claims them. */
  public int payloadLength() {
    return totalLength() - headerLength();
  }

  /** The identification that fragments of one datagram share. */
  public int identification() {
    return buffer.getUnsignedShort(at + IDENTIFICATION);
  }

  /** Whether routers must not fragment this packet. */
  public boolean dontFragment() {
    return (buffer.getUnsignedShort(at + FRAGMENT) & DONT_FRAGMENT) != 0;
  }

  /** Whether another fragment follows this one. */
  public boolean moreFragments() {
    return (buffer.getUnsignedShort(at + FRAGMENT) & MORE_FRAGMENTS) != 0;
  }

  /** Where this fragment's payload belongs in the datagram's, in bytes: a multiple of 8. */
  public int fragmentOffset() {
    return (buffer.getUnsignedShort(at + FRAGMENT) & OFFSET_MASK) * 8;
  }

  /** Whether this is a part of a datagram rather than a whole one. */
  public boolean isFragment() {
    return (buffer.getUnsignedShort(at + FRAGMENT) & (MORE_FRAGMENTS | OFFSET_MASK)) != 0;
  }

  /** Type of service: DSCP and ECN. */
  public int typeOfService() {
    return buffer.getUnsignedByte(at + TYPE_OF_SERVICE);
  }

  /** Time to live. */
  public int ttl() {
    return buffer.getUnsignedByte(at + TTL);
  }

  /** The protocol of the payload, see {@link IpProtocol}. */
  public int protocol() {
    return buffer.getUnsignedByte(at + PROTOCOL);
  }

  /** The source address. */
  public int source() {
    return buffer.getInt(at + SOURCE);
  }

  /** The destination address. */
  public int destination() {
    return buffer.getInt(at + DESTINATION);
  }

  /** The header checksum as it stands. */
  public int checksum() {
    return buffer.getUnsignedShort(at + CHECKSUM);
  }

  /**
   * Replaces both addresses and updates the header checksum.
   *
   * @return the change of the pseudo header's sum, which TCP and UDP checksums must follow
   */
  public int rewriteAddresses(int source, int destination) {
    int change = add(change32(source(), source), change32(destination(), destination));
    buffer.setInt(at + SOURCE, source);
    buffer.setInt(at + DESTINATION, destination);
    buffer.setShort(at + CHECKSUM, update(checksum(), change));
    return change;
  }

  /** Swaps the addresses, which leaves all checksums right. */
  public void swapAddresses() {
    int source = source();
    buffer.setInt(at + SOURCE, destination());
    buffer.setInt(at + DESTINATION, source);
  }

  /** Sets the time to live and updates the header checksum. */
  public void rewriteTtl(int ttl) {
    rewriteWord(TTL, ttl << 8 | protocol());
  }

  /** Sets the protocol and updates the header checksum. */
  public void rewriteProtocol(int protocol) {
    rewriteWord(TTL, ttl() << 8 | protocol);
  }

  /** Sets DSCP and ECN and updates the header checksum. */
  public void rewriteTypeOfService(int value) {
    rewriteWord(0, buffer.getUnsignedByte(at) << 8 | value);
  }

  /** Sets the identification and updates the header checksum. */
  public void rewriteIdentification(int identification) {
    rewriteWord(IDENTIFICATION, identification);
  }

  private void rewriteWord(int offset, int word) {
    int change = change(buffer.getUnsignedShort(at + offset), word);
    buffer.setShort(at + offset, word);
    buffer.setShort(at + CHECKSUM, update(checksum(), change));
  }

  /**
   * Makes this header that of a fragment or of a whole datagram and computes its checksum anew; DF
   * is cleared.
   *
   * @param totalLength bytes of the packet
   * @param fragmentOffset bytes, a multiple of 8
   */
  public void rewriteFragment(int totalLength, int fragmentOffset, boolean moreFragments) {
    buffer.setShort(at + TOTAL_LENGTH, totalLength);
    buffer.setShort(at + FRAGMENT, (moreFragments ? MORE_FRAGMENTS : 0) | fragmentOffset / 8);
    computeChecksum();
  }

  /**
   * Writes a header without options over the {@link #LENGTH} bytes at this index: DF set,
   * identification 0 (RFC 6864 4.1), checksum computed.
   */
  public void write(int totalLength, int ttl, int protocol, int source, int destination) {
    buffer.setShort(at, 0x4500);
    buffer.setShort(at + TOTAL_LENGTH, totalLength);
    buffer.setShort(at + IDENTIFICATION, 0);
    buffer.setShort(at + FRAGMENT, DONT_FRAGMENT);
    buffer.setByte(at + TTL, ttl);
    buffer.setByte(at + PROTOCOL, protocol);
    buffer.setInt(at + SOURCE, source);
    buffer.setInt(at + DESTINATION, destination);
    computeChecksum();
  }

  private void computeChecksum() {
    buffer.setShort(at + CHECKSUM, 0);
    buffer.setShort(at + CHECKSUM, InternetChecksum.of(buffer, at, headerLength()));
  }
}
