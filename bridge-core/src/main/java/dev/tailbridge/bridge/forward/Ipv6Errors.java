package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Address;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.Ipv6Payload;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * ICMP errors with the packets that they quote, from one family to the other (RFC 7915 4.3 and
 * 5.3). Ports and identifiers are not its business: {@link IcmpErrors} turns them back.
 */
final class Ipv6Errors {

  /** All that an error must quote after the header (RFC 792). */
  private static final int TRANSPORT = 8;

  private final int mtu;
  private final NodeAddresses node;
  private final StandIns callers;

  Ipv6Errors(int tailnetMtu, NodeAddresses node, StandIns callers) {
    this.mtu = tailnetMtu;
    this.node = node;
    this.callers = callers;
  }

  /**
   * A checked ICMPv6 error, whose IP header is IPv4's already, as ICMP.
   *
   * @param packet borrowed
   * @return a new buffer, the caller's; null if it is not about a packet to an IPv6 caller, or of a
   *     kind that ICMP does not know
   */
  @Nullable ByteBuf toV4(ByteBuf packet, Ipv4Header ip, IcmpHeader icmp, long nowNanos) {
    IcmpErrorHead head = IcmpErrorHead.of(icmp).toV4(mtu);
    int quoted = icmp.quoted();
    int end = quoted + withoutExtensions6(icmp);
    if (head == null || end - quoted < Ipv6Header.LENGTH) {
      return null;
    }
    Ipv6Header about = Ipv6Header.at(packet, quoted);
    Ipv6Payload payload = Ipv6Payload.find(packet, quoted, end);
    if (about.version() != 6
        || payload == null
        || payload.fragmentOffset() != 0
        || payload.length() < TRANSPORT
        || !isTranslated(packet, payload)) {
      return null;
    }
    Ipv6Address self = about.sourceAddress();
    Ipv6Address caller = about.destinationAddress();
    int standIn = self.equals(node.v6()) ? callers.existing(caller, nowNanos) : 0;
    int wholeLength = about.payload() + about.payloadLength() - payload.index();
    if (standIn == 0
        || wholeLength < payload.length()
        || wholeLength > 0xffff - Ipv4Header.LENGTH) {
      return null;
    }
    int at = 2 * Ipv4Header.LENGTH + IcmpHeader.LENGTH;
    int size = at + payload.length();
    ByteBuf error = packet.alloc().buffer(size).writerIndex(size);
    error.setBytes(at, packet, payload.index(), payload.length());
    boolean udp = payload.protocol() == IpProtocol.UDP;
    Ipv4Header inner = Ipv4Header.at(error, Ipv4Header.LENGTH + IcmpHeader.LENGTH);
    inner.write(
        Ipv4Header.LENGTH + wholeLength,
        about.hopLimit(),
        udp ? IpProtocol.UDP : IpProtocol.ICMP,
        node.v4(),
        standIn);
    inner.rewriteTypeOfService(about.trafficClass());
    AddressSums sums = AddressSums.of(inner, self, caller);
    if (udp) {
      sums.udpToV4(UdpHeader.at(error, at, payload.length()));
    } else {
      sums.echoToV4(IcmpHeader.at(error, at, payload.length()), wholeLength);
    }
    Ipv4Header outer = Ipv4Header.at(error, 0);
    outer.write(size, ip.ttl(), IpProtocol.ICMP, standIn, node.v4());
    outer.rewriteTypeOfService(ip.typeOfService());
    write(head, IcmpHeader.at(error, Ipv4Header.LENGTH, size - Ipv4Header.LENGTH), 0);
    return error;
  }

  /**
   * A checked ICMP error to a stand-in as ICMPv6, ready to be sent.
   *
   * @param packet borrowed, and already quoting what the caller's packet was but for the family
   * @return a new buffer, the caller's; null if ICMPv6 does not know such an error
   */
  @Nullable ByteBuf toV6(
      ByteBuf packet, Ipv4Header ip, IcmpHeader icmp, Ipv6Address self, Ipv6Address caller) {
    IcmpErrorHead head = IcmpErrorHead.of(icmp).toV6(mtu);
    Ipv4Header about = Ipv4Header.at(packet, icmp.quoted());
    int there = icmp.quoted() + withoutExtensions4(icmp) - about.payload();
    if (head == null || there < TRANSPORT) {
      return null;
    }
    int at = 2 * Ipv6Header.LENGTH + IcmpHeader.LENGTH;
    int size = Math.min(at + there, Ipv6Header.MINIMUM_MTU);
    int length = size - at;
    ByteBuf error = packet.alloc().buffer(size).writerIndex(size);
    error.setBytes(at, packet, about.payload(), length);
    boolean udp = about.protocol() == IpProtocol.UDP;
    Ipv6Header inner = Ipv6Header.at(error, Ipv6Header.LENGTH + IcmpHeader.LENGTH);
    int wholeLength = Math.max(about.payloadLength(), TRANSPORT);
    int protocol = udp ? IpProtocol.UDP : IpProtocol.ICMPV6;
    inner.write(wholeLength, protocol, about.ttl(), caller, self);
    inner.rewriteTrafficClass(about.typeOfService());
    AddressSums sums = AddressSums.of(about, caller, self);
    if (udp) {
      sums.udpToV6(UdpHeader.at(error, at, length));
    } else {
      sums.echoToV6(IcmpHeader.at(error, at, length), wholeLength);
    }
    int message = size - Ipv6Header.LENGTH;
    Ipv6Header outer = Ipv6Header.at(error, 0);
    outer.write(message, IpProtocol.ICMPV6, ip.ttl(), self, caller);
    outer.rewriteTrafficClass(ip.typeOfService());
    int pseudoHeader = outer.pseudoHeader(IpProtocol.ICMPV6, message);
    write(head, IcmpHeader.at(error, Ipv6Header.LENGTH, message), pseudoHeader);
    return error;
  }

  private static void write(IcmpErrorHead head, IcmpHeader icmp, int pseudoHeader) {
    icmp.write(head.type(), head.code(), head.rest());
    icmp.computeChecksum(pseudoHeader);
  }

  private static boolean isTranslated(ByteBuf packet, Ipv6Payload payload) {
    if (payload.protocol() != IpProtocol.ICMPV6) {
      return payload.protocol() == IpProtocol.UDP;
    }
    int type = IcmpHeader.at(packet, payload.index(), payload.length()).type();
    return type == IcmpHeader.V6_ECHO_REQUEST || type == IcmpHeader.V6_ECHO_REPLY;
  }

  /** Bytes of the quoted packet before extensions (RFC 4884 4.4 and 4.5: units of 8 bytes). */
  private static int withoutExtensions6(IcmpHeader icmp) {
    boolean extensible =
        icmp.type() == IcmpHeader.V6_UNREACHABLE || icmp.type() == IcmpHeader.V6_TIME_EXCEEDED;
    int units = extensible ? icmp.rest() >>> 24 : 0;
    return units == 0 ? icmp.quotedLength() : Math.min(icmp.quotedLength(), units * 8);
  }

  /** Bytes of the quoted packet before extensions (RFC 4884 4.1 to 4.3: units of 4 bytes). */
  private static int withoutExtensions4(IcmpHeader icmp) {
    int units = icmp.rest() >>> 16 & 0xff;
    return units == 0 ? icmp.quotedLength() : Math.min(icmp.quotedLength(), units * 4);
  }
}
