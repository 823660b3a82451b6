package dev.tailbridge.netstack;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.SegmentCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Segments out of packets and packets out of segments, checksums checked and computed. */
final class SegmentPackets {

  private static final int TTL = 64;

  private SegmentPackets() {}

  /**
   * Reads a segment in the scratch array, where its data stays.
   *
   * @return false when it is no whole TCP segment with the right checksum
   */
  static boolean read(PacketScratch scratch, IpPacket packet, Segment into) {
    return packet.length() >= SegmentCodec.HEADER_BYTES
        && TcpHeader.at(packet.buffer(), packet.payload(), packet.length())
            .hasValidChecksum(packet.pseudoHeader())
        && SegmentCodec.read(scratch.bytes, packet.payload(), packet.length(), into);
  }

  /** A packet with this segment, the caller's; the segment gets the ports of the tuple. */
  static ByteBuf write(Segment segment, FourTuple tuple, ByteBufAllocator allocator) {
    PacketScratch scratch = PacketScratch.ofThisThread();
    segment.ports(/* source= */ tuple.localPort(), /* destination= */ tuple.remotePort());
    int header = tuple.isIpv4() ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
    int length = SegmentCodec.write(segment, scratch.bytes, header);
    ByteBuf view = scratch.blank(header + length);
    int pseudo = writeHeader(view, IpProtocol.TCP, length, tuple);
    TcpHeader.at(view, header, length).computeChecksum(pseudo);
    return scratch.copy(header + length, allocator);
  }

  /** Writes an IP header for a payload of so many bytes; returns the sum of the pseudo header. */
  static int writeHeader(ByteBuf packet, int protocol, int length, FourTuple tuple) {
    if (tuple.isIpv4()) {
      int from = (int) tuple.localLow();
      int to = (int) tuple.remoteLow();
      Ipv4Header.at(packet, 0).write(Ipv4Header.LENGTH + length, TTL, protocol, from, to);
      return InternetChecksum.pseudoHeader(from, to, protocol, length);
    }
    Ipv6Header ip = Ipv6Header.at(packet, 0);
    ip.write(
        length,
        protocol,
        TTL,
        tuple.localHigh(),
        tuple.localLow(),
        tuple.remoteHigh(),
        tuple.remoteLow());
    return ip.pseudoHeader(protocol, length);
  }
}
