package dev.tailbridge.netstack;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Fault;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.SegmentCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * Turns packets into segments and segments into packets, checksums checked and computed. One for
 * each event loop: {@link #ofThisThread}.
 */
final class SegmentPackets {

  private static final int TTL = 64;
  private static final int MAX_PACKET = 65535;

  private static final FastThreadLocal<SegmentPackets> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected SegmentPackets initialValue() {
          return new SegmentPackets();
        }
      };

  private final byte[] scratch = new byte[MAX_PACKET];

  static SegmentPackets ofThisThread() {
    return OF_THREAD.get();
  }

  /**
   * Reads the segment in a packet. Its data lies in the packet, or in an array of this object,
   * until the next call.
   *
   * @return its connection, or null when it is no whole TCP segment with right checksums
   */
  @Nullable FourTuple read(ByteBuf packet, Segment into) {
    return packet.getUnsignedByte(packet.readerIndex()) >>> 4 == 4
        ? read4(packet, into)
        : read6(packet, into);
  }

  private @Nullable FourTuple read4(ByteBuf packet, Segment into) {
    if (Ipv4Header.fault(packet) != Ipv4Fault.NONE) {
      return null;
    }
    Ipv4Header ip = Ipv4Header.of(packet);
    if (ip.protocol() != IpProtocol.TCP || ip.isFragment()) {
      return null;
    }
    int from = ip.source();
    int to = ip.destination();
    int length = ip.payloadLength();
    int pseudo = InternetChecksum.pseudoHeader(from, to, IpProtocol.TCP, length);
    if (!readSegment(packet, ip.payload(), length, pseudo, into)) {
      return null;
    }
    int ports = FourTuple.ports(into.destinationPort(), into.sourcePort());
    return new FourTuple(0, IpAddress.mapped(to), 0, IpAddress.mapped(from), ports);
  }

  private @Nullable FourTuple read6(ByteBuf packet, Segment into) {
    if (!Ipv6Header.isWhole(packet)) {
      return null;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    if (ip.nextHeader() != IpProtocol.TCP || ip.isMulticast() || !ip.hasUnicastSource()) {
      return null;
    }
    if (IpAddress.isIpv4(ip.sourceHigh(), ip.sourceLow())
        || IpAddress.isIpv4(ip.destinationHigh(), ip.destinationLow())) {
      return null;
    }
    int length = ip.payloadLength();
    if (!readSegment(packet, ip.payload(), length, ip.pseudoHeader(IpProtocol.TCP, length), into)) {
      return null;
    }
    int ports = FourTuple.ports(into.destinationPort(), into.sourcePort());
    return new FourTuple(
        ip.destinationHigh(), ip.destinationLow(), ip.sourceHigh(), ip.sourceLow(), ports);
  }

  private boolean readSegment(ByteBuf packet, int at, int length, int pseudo, Segment into) {
    if (length < SegmentCodec.HEADER_BYTES
        || !TcpHeader.at(packet, at, length).hasValidChecksum(pseudo)) {
      return false;
    }
    if (packet.hasArray()) {
      return SegmentCodec.read(packet.array(), packet.arrayOffset() + at, length, into);
    }
    packet.getBytes(at, scratch, 0, length);
    return SegmentCodec.read(scratch, 0, length, into);
  }

  /** A packet with this segment, the caller's; the segment gets the ports of the tuple. */
  ByteBuf write(Segment segment, FourTuple tuple, ByteBufAllocator allocator) {
    segment.ports(/* source= */ tuple.localPort(), /* destination= */ tuple.remotePort());
    int length = SegmentCodec.write(segment, scratch, 0);
    boolean ipv4 = tuple.isIpv4();
    int header = ipv4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
    ByteBuf packet = allocator.directBuffer(header + length).writerIndex(header);
    packet.writeBytes(scratch, 0, length);
    int pseudo = ipv4 ? header4(packet, length, tuple) : header6(packet, length, tuple);
    TcpHeader.at(packet, header, length).computeChecksum(pseudo);
    return packet;
  }

  private static int header4(ByteBuf packet, int length, FourTuple tuple) {
    int from = (int) tuple.localLow();
    int to = (int) tuple.remoteLow();
    Ipv4Header.at(packet, 0).write(Ipv4Header.LENGTH + length, TTL, IpProtocol.TCP, from, to);
    return InternetChecksum.pseudoHeader(from, to, IpProtocol.TCP, length);
  }

  private static int header6(ByteBuf packet, int length, FourTuple tuple) {
    Ipv6Header ip = Ipv6Header.at(packet, 0);
    ip.write(
        length,
        IpProtocol.TCP,
        TTL,
        tuple.localHigh(),
        tuple.localLow(),
        tuple.remoteHigh(),
        tuple.remoteLow());
    return ip.pseudoHeader(IpProtocol.TCP, length);
  }
}
