package dev.tailbridge.netstack;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.Ipv4Fault;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv4Prefix;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.Ipv6Payload;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A packet that came in, of either family: checked as far as IP goes, from one machine to one
 * machine. Addresses are as in {@link FourTuple}, ours being the destination.
 *
 * @param buffer borrowed; the packet's first byte is at its reader index
 * @param payload index of what it carries
 * @param length bytes of that
 */
record IpPacket(
    ByteBuf buffer,
    boolean ipv4,
    int protocol,
    int payload,
    int length,
    boolean fragment,
    long localHigh,
    long localLow,
    long remoteHigh,
    long remoteLow) {

  /** Null when it is nothing that a machine should take. */
  static @Nullable IpPacket of(ByteBuf packet) {
    if (!packet.isReadable()) {
      return null;
    }
    return packet.getByte(packet.readerIndex()) >>> 4 == 4 ? ipv4(packet) : ipv6(packet);
  }

  private static @Nullable IpPacket ipv4(ByteBuf packet) {
    if (Ipv4Header.fault(packet) != Ipv4Fault.NONE) {
      return null;
    }
    Ipv4Header ip = Ipv4Header.of(packet);
    if (!isMachine(ip.source()) || !isMachine(ip.destination())) {
      return null;
    }
    return new IpPacket(
        packet,
        true,
        ip.protocol(),
        ip.payload(),
        ip.payloadLength(),
        ip.isFragment(),
        0,
        IpAddress.mapped(ip.destination()),
        0,
        IpAddress.mapped(ip.source()));
  }

  /** RFC 1122 3.2.1.3: neither a group, nor everybody, nor nobody. */
  private static boolean isMachine(int address) {
    return address != 0 && address != -1 && !Ipv4Prefix.MULTICAST.contains(address);
  }

  private static @Nullable IpPacket ipv6(ByteBuf packet) {
    if (!Ipv6Header.isWhole(packet)) {
      return null;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    Ipv6Payload payload = Ipv6Payload.find(packet, packet.readerIndex(), packet.writerIndex());
    if (payload == null
        || payload.sourceRouted()
        || ip.isMulticast()
        || !ip.hasUnicastSource()
        || IpAddress.isIpv4(ip.sourceHigh(), ip.sourceLow())
        || IpAddress.isIpv4(ip.destinationHigh(), ip.destinationLow())) {
      return null;
    }
    return new IpPacket(
        packet,
        false,
        payload.protocol(),
        payload.index(),
        payload.length(),
        payload.isFragment(),
        ip.destinationHigh(),
        ip.destinationLow(),
        ip.sourceHigh(),
        ip.sourceLow());
  }

  /** The sum of the pseudo header of what it carries. */
  int pseudoHeader() {
    return ipv4
        ? InternetChecksum.pseudoHeader((int) remoteLow, (int) localLow, protocol, length)
        : Ipv6Header.of(buffer).pseudoHeader(protocol, length);
  }

  /** Who talks to whom, with the ports at the beginning of the payload. */
  FourTuple tuple() {
    int ports =
        FourTuple.ports(buffer.getUnsignedShort(payload + 2), buffer.getUnsignedShort(payload));
    return new FourTuple(localHigh, localLow, remoteHigh, remoteLow, ports);
  }
}
