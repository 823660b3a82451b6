package dev.tailbridge.benchmarks;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** IPv4 packets with TCP in them, checksums right. */
final class TcpPackets {

  static final int HEADERS = Ipv4Header.LENGTH + TcpHeader.LENGTH;

  private static final int OFFSET_OF_FIVE_WORDS = 0x50;
  private static final int WINDOW = 5744;
  private static final int TTL = 64;

  private TcpPackets() {}

  /** A packet of {@code size} bytes with both headers; what it carries is zero. */
  static ByteBuf packet(
      int source, int sourcePort, int destination, int destinationPort, int flags, int size) {
    ByteBuf packet = PooledByteBufAllocator.DEFAULT.directBuffer(size).writeZero(size);
    int length = size - Ipv4Header.LENGTH;
    int at = Ipv4Header.LENGTH;
    packet.setShort(at, sourcePort).setShort(at + 2, destinationPort);
    packet.setByte(at + 12, OFFSET_OF_FIVE_WORDS).setByte(at + 13, flags);
    packet.setShort(at + 14, WINDOW);
    Ipv4Header.at(packet, 0).write(size, TTL, IpProtocol.TCP, source, destination);
    TcpHeader.at(packet, at, length)
        .computeChecksum(
            InternetChecksum.pseudoHeader(source, destination, IpProtocol.TCP, length));
    return packet;
  }
}
