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
import io.netty.buffer.Unpooled;
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

  /** Packets are worked on in an array: a buffer's bytes are checked for bounds at each access. */
  private final byte[] scratch = new byte[MAX_PACKET];

  private final ByteBuf view = Unpooled.wrappedBuffer(scratch);

  static SegmentPackets ofThisThread() {
    return OF_THREAD.get();
  }

  /**
   * Reads the segment in a packet. Its data lies in an array of this object until the next call.
   *
   * @return its connection, or null when it is no whole TCP segment with right checksums
   */
  @Nullable FourTuple read(ByteBuf packet, Segment into) {
    int length = packet.readableBytes();
    packet.getBytes(packet.readerIndex(), scratch, 0, length);
    view.setIndex(0, length);
    return scratch[0] >>> 4 == 4 ? read4(view, into) : read6(view, into);
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
    if (!readSegment(ip.payload(), length, pseudo, into)) {
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
    if (!readSegment(ip.payload(), length, ip.pseudoHeader(IpProtocol.TCP, length), into)) {
      return null;
    }
    int ports = FourTuple.ports(into.destinationPort(), into.sourcePort());
    return new FourTuple(
        ip.destinationHigh(), ip.destinationLow(), ip.sourceHigh(), ip.sourceLow(), ports);
  }

  private boolean readSegment(int at, int length, int pseudo, Segment into) {
    if (length < SegmentCodec.HEADER_BYTES
        || !TcpHeader.at(view, at, length).hasValidChecksum(pseudo)) {
      return false;
    }
    return SegmentCodec.read(scratch, at, length, into);
  }

  /** A packet with this segment, the caller's; the segment gets the ports of the tuple. */
  ByteBuf write(Segment segment, FourTuple tuple, ByteBufAllocator allocator) {
    segment.ports(/* source= */ tuple.localPort(), /* destination= */ tuple.remotePort());
    boolean ipv4 = tuple.isIpv4();
    int header = ipv4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
    int length = SegmentCodec.write(segment, scratch, header);
    view.setIndex(0, header + length);
    int pseudo = ipv4 ? header4(length, tuple) : header6(length, tuple);
    TcpHeader.at(view, header, length).computeChecksum(pseudo);
    return allocator.directBuffer(header + length).writeBytes(scratch, 0, header + length);
  }

  private int header4(int length, FourTuple tuple) {
    int from = (int) tuple.localLow();
    int to = (int) tuple.remoteLow();
    Ipv4Header.at(view, 0).write(Ipv4Header.LENGTH + length, TTL, IpProtocol.TCP, from, to);
    return InternetChecksum.pseudoHeader(from, to, IpProtocol.TCP, length);
  }

  private int header6(int length, FourTuple tuple) {
    Ipv6Header ip = Ipv6Header.at(view, 0);
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
