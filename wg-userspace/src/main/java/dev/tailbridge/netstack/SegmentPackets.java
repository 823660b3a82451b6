package dev.tailbridge.netstack;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Addresses;
import dev.tailbridge.ip.Ipv4Fault;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.SegmentCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Turns packets into segments and segments into packets, checksums checked and computed. */
final class SegmentPackets {

  private static final int TTL = 64;
  private static final int MAX_PACKET = 65535;

  private final byte[] scratch = new byte[MAX_PACKET];

  /**
   * Reads the segment in a packet. Its data lies in an array of this object until the next call.
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
    int length = ip.payloadLength();
    if (ip.protocol() != IpProtocol.TCP || ip.isFragment()) {
      return null;
    }
    int pseudo =
        InternetChecksum.pseudoHeader(ip.source(), ip.destination(), IpProtocol.TCP, length);
    if (!readSegment(packet, ip.payload(), length, pseudo, into)) {
      return null;
    }
    return tuple(address(ip.destination()), address(ip.source()), into);
  }

  private @Nullable FourTuple read6(ByteBuf packet, Segment into) {
    if (!Ipv6Header.isWhole(packet)) {
      return null;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    int length = ip.payloadLength();
    if (ip.nextHeader() != IpProtocol.TCP || ip.isMulticast() || !ip.hasUnicastSource()) {
      return null;
    }
    if (!readSegment(packet, ip.payload(), length, ip.pseudoHeader(IpProtocol.TCP, length), into)) {
      return null;
    }
    return tuple(address(ip.destination()), address(ip.source()), into);
  }

  private boolean readSegment(ByteBuf packet, int at, int length, int pseudo, Segment into) {
    if (length < SegmentCodec.HEADER_BYTES
        || !TcpHeader.at(packet, at, length).hasValidChecksum(pseudo)) {
      return false;
    }
    packet.getBytes(at, scratch, 0, length);
    return SegmentCodec.read(scratch, 0, length, into);
  }

  private static FourTuple tuple(InetAddress local, InetAddress remote, Segment segment) {
    return new FourTuple(
        new InetSocketAddress(local, segment.destinationPort()),
        new InetSocketAddress(remote, segment.sourcePort()));
  }

  /** A packet with this segment, the caller's; the segment gets the ports of the tuple. */
  ByteBuf write(Segment segment, FourTuple tuple, ByteBufAllocator allocator) {
    segment.ports(
        /* source= */ tuple.local().getPort(), /* destination= */ tuple.remote().getPort());
    int length = SegmentCodec.write(segment, scratch, 0);
    boolean ipv4 = tuple.local().getAddress() instanceof Inet4Address;
    int header = ipv4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
    ByteBuf packet = allocator.directBuffer(header + length).writerIndex(header);
    packet.writeBytes(scratch, 0, length);
    int pseudo = ipv4 ? header4(packet, length, tuple) : header6(packet, length, tuple);
    TcpHeader.at(packet, header, length).computeChecksum(pseudo);
    return packet;
  }

  private static int header4(ByteBuf packet, int length, FourTuple tuple) {
    int from = Ipv4Addresses.of((Inet4Address) tuple.local().getAddress());
    int to = Ipv4Addresses.of((Inet4Address) tuple.remote().getAddress());
    Ipv4Header.at(packet, 0).write(Ipv4Header.LENGTH + length, TTL, IpProtocol.TCP, from, to);
    return InternetChecksum.pseudoHeader(from, to, IpProtocol.TCP, length);
  }

  private static int header6(ByteBuf packet, int length, FourTuple tuple) {
    Ipv6Header ip = Ipv6Header.at(packet, 0);
    ip.write(
        length,
        IpProtocol.TCP,
        TTL,
        tuple.local().getAddress().getAddress(),
        tuple.remote().getAddress().getAddress());
    return ip.pseudoHeader(IpProtocol.TCP, length);
  }

  private static InetAddress address(int ipv4) {
    return address(
        new byte[] {(byte) (ipv4 >>> 24), (byte) (ipv4 >>> 16), (byte) (ipv4 >>> 8), (byte) ipv4});
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }
}
