package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;

/**
 * Writes ICMP errors about a packet. Whether one may be sent at all (RFC 1122 3.2.2, RFC 4443 2.4
 * e) and how many is the caller's to decide.
 */
public final class IcmpError {

  public static final int NET_UNREACHABLE = 0;
  public static final int HOST_UNREACHABLE = 1;
  public static final int PROTOCOL_UNREACHABLE = 2;
  public static final int PORT_UNREACHABLE = 3;
  public static final int FRAGMENTATION_NEEDED = 4;
  public static final int PROHIBITED = 13;

  public static final int V6_ADDRESS_UNREACHABLE = 3;
  public static final int V6_PORT_UNREACHABLE = 4;

  private static final int TTL = 64;

  /** An IPv4 error is at most this long (RFC 1812 4.3.2.3). */
  private static final int V4_LIMIT = 576;

  private IcmpError() {}

  /**
   * Destination unreachable for an IPv4 packet, to its source.
   *
   * @param about a whole packet, borrowed; as much of it as an error may carry is quoted
   * @param from the address that the error comes from
   * @param code one of the codes above
   * @param mtu for {@link #FRAGMENTATION_NEEDED} what the next link carries (RFC 1191 4), else 0
   * @return a new buffer, the caller's
   */
  public static ByteBuf unreachable(ByteBuf about, int from, int code, int mtu) {
    int headers = Ipv4Header.LENGTH + IcmpHeader.LENGTH;
    int quoted = Math.min(about.readableBytes(), V4_LIMIT - headers);
    int total = headers + quoted;
    ByteBuf error = about.alloc().buffer(total).writerIndex(total);
    int to = Ipv4Header.of(about).source();
    Ipv4Header.at(error, 0).write(total, TTL, IpProtocol.ICMP, from, to);
    IcmpHeader icmp = IcmpHeader.at(error, Ipv4Header.LENGTH, total - Ipv4Header.LENGTH);
    icmp.write(IcmpHeader.UNREACHABLE, code, mtu);
    error.setBytes(icmp.quoted(), about, about.readerIndex(), quoted);
    icmp.computeChecksum();
    return error;
  }

  /**
   * Destination unreachable for an IPv6 packet, from its destination to its source (RFC 4443 3.1).
   *
   * @param about a whole packet, borrowed
   * @param code one of the codes above
   * @return a new buffer, the caller's
   */
  public static ByteBuf unreachable6(ByteBuf about, int code) {
    int headers = Ipv6Header.LENGTH + IcmpHeader.LENGTH;
    int quoted = Math.min(about.readableBytes(), Ipv6Header.MINIMUM_MTU - headers);
    int message = IcmpHeader.LENGTH + quoted;
    ByteBuf error = about.alloc().buffer(headers + quoted).writerIndex(headers + quoted);
    Ipv6Header ip = Ipv6Header.at(error, 0);
    ip.writeAnswer(Ipv6Header.of(about), message, IpProtocol.ICMPV6, TTL);
    IcmpHeader icmp = IcmpHeader.at(error, Ipv6Header.LENGTH, message);
    icmp.write(IcmpHeader.V6_UNREACHABLE, code, 0);
    error.setBytes(icmp.quoted(), about, about.readerIndex(), quoted);
    icmp.computeChecksum(ip.pseudoHeader(IpProtocol.ICMPV6, message));
    return error;
  }
}
