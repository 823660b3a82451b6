package dev.tailbridge.bridge.forward;

import static dev.tailbridge.ip.InternetChecksum.add;
import static dev.tailbridge.ip.InternetChecksum.sum32;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Address;
import dev.tailbridge.ip.UdpHeader;

/**
 * The sums of a packet's two addresses in both families: all that UDP and echo need to change from
 * one to the other (RFC 7915 4.5 and 5.5). Checksums are updated, so they stay as right or wrong as
 * they were, and of a quoted packet the first 8 bytes are enough.
 */
record AddressSums(int v4, int v6) {

  static AddressSums of(Ipv4Header ip, Ipv6Address source, Ipv6Address destination) {
    return new AddressSums(
        add(sum32(ip.source()), sum32(ip.destination())), add(source.sum(), destination.sum()));
  }

  /** The sum of the IPv6 pseudo header (RFC 8200 8.1) of {@code length} bytes. */
  int pseudoHeader6(int protocol, int length) {
    return add(v6, add(protocol, length));
  }

  void udpToV4(UdpHeader udp) {
    udp.updateChecksum(add(v4, minus(v6)));
  }

  void udpToV6(UdpHeader udp) {
    udp.updateChecksum(add(v6, minus(v4)));
  }

  /**
   * @param length bytes of the whole message, also of one of which only the beginning is there
   */
  void echoToV4(IcmpHeader icmp, int length) {
    boolean request = icmp.type() == IcmpHeader.V6_ECHO_REQUEST;
    int type = request ? IcmpHeader.ECHO_REQUEST : IcmpHeader.ECHO_REPLY;
    icmp.rewriteType(type, minus(pseudoHeader6(IpProtocol.ICMPV6, length)));
  }

  /**
   * @param length bytes of the whole message, also of one of which only the beginning is there
   */
  void echoToV6(IcmpHeader icmp, int length) {
    boolean request = icmp.type() == IcmpHeader.ECHO_REQUEST;
    int type = request ? IcmpHeader.V6_ECHO_REQUEST : IcmpHeader.V6_ECHO_REPLY;
    icmp.rewriteType(type, pseudoHeader6(IpProtocol.ICMPV6, length));
  }

  private static int minus(int sum) {
    return ~sum & 0xffff;
  }
}
