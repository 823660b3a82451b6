package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv6Address;
import dev.tailbridge.ip.Ipv6Header;
import io.netty.buffer.ByteBuf;

/** Tells what is about the TCP of IPv6 callers from what else comes by IPv6. */
final class Ipv6Tcp {

  private Ipv6Tcp() {}

  /**
   * Whether this is a whole packet to the node, from where it can be answered, with TCP or with an
   * ICMPv6 error about TCP. No sender puts extension headers before TCP; one that does is told like
   * others that it does not come through.
   */
  static boolean isAboutTcp(ByteBuf packet, NodeAddresses node) {
    Ipv6Address address = node.v6();
    if (address == null || !Ipv6Header.isWhole(packet)) {
      return false;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    boolean forTcp =
        ip.nextHeader() == IpProtocol.TCP
            || (ip.nextHeader() == IpProtocol.ICMPV6 && quotesTcp(packet, ip));
    return forTcp
        && ip.destinationAddress().equals(address)
        && ip.hasUnicastSource()
        && !ip.sourceAddress().equals(address);
  }

  private static boolean quotesTcp(ByteBuf packet, Ipv6Header ip) {
    int length = ip.payloadLength();
    if (length < IcmpHeader.LENGTH + Ipv6Header.LENGTH) {
      return false;
    }
    IcmpHeader icmp = IcmpHeader.at(packet, ip.payload(), length);
    Ipv6Header about = Ipv6Header.at(packet, icmp.quoted());
    return IcmpErrorHead.isV6Error(icmp.type())
        && about.version() == 6
        && about.nextHeader() == IpProtocol.TCP;
  }
}
