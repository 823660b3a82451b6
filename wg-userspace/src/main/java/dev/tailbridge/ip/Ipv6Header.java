package dev.tailbridge.ip;

import static dev.tailbridge.ip.InternetChecksum.add;
import static dev.tailbridge.ip.InternetChecksum.sum;

import io.netty.buffer.ByteBuf;

/** An IPv6 header (RFC 8200 3) at an index of a buffer. */
public final class Ipv6Header {

  /** Bytes of the fixed header. */
  public static final int LENGTH = 40;

  /** Every link carries packets of this size (RFC 8200 5). */
  public static final int MINIMUM_MTU = 1280;

  private static final int PAYLOAD_LENGTH = 4;
  private static final int NEXT_HEADER = 6;
  private static final int HOP_LIMIT = 7;
  private static final int SOURCE = 8;
  private static final int DESTINATION = 24;
  private static final int ADDRESS = 16;

  private final ByteBuf buffer;
  private final int at;

  private Ipv6Header(ByteBuf buffer, int at) {
    this.buffer = buffer;
    this.at = at;
  }

  /** The header at {@code index}; at least {@link #LENGTH} bytes must be there. */
  public static Ipv6Header at(ByteBuf buffer, int index) {
    return new Ipv6Header(buffer, index);
  }

  /** The header at the reader index of a whole packet. */
  public static Ipv6Header of(ByteBuf packet) {
    return new Ipv6Header(packet, packet.readerIndex());
  }

  /** Whether the readable bytes are one whole IPv6 packet, by version and length. */
  public static boolean isWhole(ByteBuf packet) {
    int size = packet.readableBytes();
    return size >= LENGTH
        && of(packet).version() == 6
        && of(packet).payloadLength() == size - LENGTH;
  }

  /** The version nibble. */
  public int version() {
    return buffer.getUnsignedByte(at) >>> 4;
  }

  /** Traffic class: DSCP and ECN. */
  public int trafficClass() {
    return buffer.getUnsignedShort(at) >>> 4 & 0xff;
  }

  /** Hops that the packet may still make. */
  public int hopLimit() {
    return buffer.getUnsignedByte(at + HOP_LIMIT);
  }

  /** Bytes after the fixed header as it claims them. */
  public int payloadLength() {
    return buffer.getUnsignedShort(at + PAYLOAD_LENGTH);
  }

  /** The protocol of what follows, see {@link IpProtocol}. */
  public int nextHeader() {
    return buffer.getUnsignedByte(at + NEXT_HEADER);
  }

  /** Index of the first byte after the fixed header. */
  public int payload() {
    return at + LENGTH;
  }

  /** The source as a value. */
  public Ipv6Address sourceAddress() {
    return new Ipv6Address(sourceHigh(), sourceLow());
  }

  /** The destination as a value. */
  public Ipv6Address destinationAddress() {
    return new Ipv6Address(destinationHigh(), destinationLow());
  }

  /** Whether the source can be answered: neither multicast nor the unspecified address. */
  public boolean hasUnicastSource() {
    return buffer.getUnsignedByte(at + SOURCE) != 0xff
        && (buffer.getLong(at + SOURCE) | buffer.getLong(at + SOURCE + 8)) != 0;
  }

  /** Whether the destination is a multicast group (ff00::/8). */
  public boolean isMulticast() {
    return buffer.getUnsignedByte(at + DESTINATION) == 0xff;
  }

  /** The sum of the pseudo header (RFC 8200 8.1) for an upper layer of {@code length} bytes. */
  public int pseudoHeader(int protocol, int length) {
    return add(sum(buffer, at + SOURCE, 2 * ADDRESS), add(protocol, length));
  }

  /**
   * Writes a header over the {@link #LENGTH} bytes at this index, from the destination of another
   * packet to its source.
   */
  public void writeAnswer(Ipv6Header other, int payloadLength, int nextHeader, int hopLimit) {
    buffer.setInt(at, 6 << 28);
    buffer.setShort(at + PAYLOAD_LENGTH, payloadLength);
    buffer.setByte(at + NEXT_HEADER, nextHeader);
    buffer.setByte(at + HOP_LIMIT, hopLimit);
    buffer.setBytes(at + SOURCE, other.buffer, other.at + DESTINATION, ADDRESS);
    buffer.setBytes(at + DESTINATION, other.buffer, other.at + SOURCE, ADDRESS);
  }

  /**
   * Writes a header over the {@link #LENGTH} bytes at this index.
   *
   * @param source 16 bytes
   * @param destination 16 bytes
   */
  public void write(
      int payloadLength, int nextHeader, int hopLimit, byte[] source, byte[] destination) {
    buffer.setInt(at, 6 << 28);
    buffer.setShort(at + PAYLOAD_LENGTH, payloadLength);
    buffer.setByte(at + NEXT_HEADER, nextHeader);
    buffer.setByte(at + HOP_LIMIT, hopLimit);
    buffer.setBytes(at + SOURCE, source, 0, ADDRESS);
    buffer.setBytes(at + DESTINATION, destination, 0, ADDRESS);
  }

  /** Writes a header like the other, with addresses as two big-endian halves each. */
  public void write(
      int payloadLength,
      int nextHeader,
      int hopLimit,
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow) {
    buffer.setInt(at, 6 << 28);
    buffer.setShort(at + PAYLOAD_LENGTH, payloadLength);
    buffer.setByte(at + NEXT_HEADER, nextHeader);
    buffer.setByte(at + HOP_LIMIT, hopLimit);
    buffer.setLong(at + SOURCE, sourceHigh);
    buffer.setLong(at + SOURCE + 8, sourceLow);
    buffer.setLong(at + DESTINATION, destinationHigh);
    buffer.setLong(at + DESTINATION + 8, destinationLow);
  }

  /** Makes this the header of an answer: swaps the addresses, which leaves all checksums right. */
  public void swapAddresses(int hopLimit) {
    long high = sourceHigh();
    long low = sourceLow();
    buffer.setByte(at + HOP_LIMIT, hopLimit);
    buffer.setLong(at + SOURCE, destinationHigh());
    buffer.setLong(at + SOURCE + 8, destinationLow());
    buffer.setLong(at + DESTINATION, high);
    buffer.setLong(at + DESTINATION + 8, low);
  }

  /** The first eight bytes of the source. */
  public long sourceHigh() {
    return buffer.getLong(at + SOURCE);
  }

  /** The last eight bytes of the source. */
  public long sourceLow() {
    return buffer.getLong(at + SOURCE + 8);
  }

  /** The first eight bytes of the destination. */
  public long destinationHigh() {
    return buffer.getLong(at + DESTINATION);
  }

  /** The last eight bytes of the destination. */
  public long destinationLow() {
    return buffer.getLong(at + DESTINATION + 8);
  }

  /** Writes a header like the others, with addresses by value. */
  public void write(
      int payloadLength, int nextHeader, int hopLimit, Ipv6Address from, Ipv6Address to) {
    write(payloadLength, nextHeader, hopLimit, from.high(), from.low(), to.high(), to.low());
  }

  /** A copy of the source's 16 bytes. */
  public byte[] source() {
    byte[] address = new byte[ADDRESS];
    buffer.getBytes(at + SOURCE, address);
    return address;
  }

  /** A copy of the destination's 16 bytes. */
  public byte[] destination() {
    byte[] address = new byte[ADDRESS];
    buffer.getBytes(at + DESTINATION, address);
    return address;
  }

  /** Sets DSCP and ECN; the flow label becomes 0. */
  public void rewriteTrafficClass(int value) {
    buffer.setInt(at, 6 << 28 | value << 20);
  }
}
