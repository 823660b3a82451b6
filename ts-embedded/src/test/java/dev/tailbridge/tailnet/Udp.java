package dev.tailbridge.tailnet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** UDP in IPv4, written by hand (RFC 768, RFC 791). */
record Udp(InetSocketAddress source, InetSocketAddress destination, String text) {

  private static final int IP_HEADER = 20;
  private static final int UDP_HEADER = 8;
  private static final int PROTOCOL = 17;

  /** The packet, checksums complete: a node drops a zero UDP checksum without a word. */
  byte[] packet() {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    int size = IP_HEADER + UDP_HEADER + payload.length;
    ByteBuf b = Unpooled.buffer(size);
    b.writeByte(0x45).writeByte(0).writeShort(size).writeInt(0).writeByte(64).writeByte(PROTOCOL);
    b.writeShort(0).writeBytes(source.getAddress().getAddress());
    b.writeBytes(destination.getAddress().getAddress());
    b.writeShort(source.getPort()).writeShort(destination.getPort());
    b.writeShort(UDP_HEADER + payload.length).writeShort(0).writeBytes(payload);
    b.setShort(10, ~sum(b, 0, IP_HEADER, 0));
    int pseudoHeader = PROTOCOL + UDP_HEADER + payload.length;
    int checksum = ~sum(b, 12, size - 12, pseudoHeader) & 0xffff;
    b.setShort(IP_HEADER + 6, checksum == 0 ? 0xffff : checksum);
    return ByteBufUtil.getBytes(b);
  }

  /** Reads a packet back; null when it is no UDP in IPv4. */
  static Udp parse(byte[] packet) {
    ByteBuf b = Unpooled.wrappedBuffer(packet);
    if (b.getUnsignedByte(0) != 0x45 || b.getUnsignedByte(9) != PROTOCOL) {
      return null;
    }
    return new Udp(
        address(b, 12, b.getUnsignedShort(IP_HEADER)),
        address(b, 16, b.getUnsignedShort(IP_HEADER + 2)),
        b.toString(
            IP_HEADER + UDP_HEADER,
            packet.length - IP_HEADER - UDP_HEADER,
            StandardCharsets.UTF_8));
  }

  private static InetSocketAddress address(ByteBuf b, int at, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ByteBufUtil.getBytes(b, at, 4)), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** The one's complement sum of 16-bit words (RFC 1071). */
  private static int sum(ByteBuf b, int from, int length, int start) {
    int sum = start;
    for (int i = 0; i < length; i += 2) {
      sum += i + 1 < length ? b.getUnsignedShort(from + i) : b.getUnsignedByte(from + i) << 8;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return (sum & 0xffff) + (sum >>> 16);
  }
}
