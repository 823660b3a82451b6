package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.TcpReset;
import io.netty.buffer.ByteBuf;

/**
 * Answers IPv6 callers at once that the device cannot be reached this way, so that they fall back
 * to IPv4 instead of waiting: a TCP reset for a connection attempt, ICMPv6 unreachable for UDP and
 * ping. Errors, resets and multicast are never answered (RFC 4443 2.4 e), and the rate is limited.
 */
final class Ipv6Refusals {

  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int MAX_EXTENSIONS = 8;
  private static final int ECHO_REQUEST = 128;

  private final NodeAddresses node;
  private final Exits exits;
  private final TokenBucket bucket = new TokenBucket(200, 400);

  Ipv6Refusals(NodeAddresses node, Exits exits) {
    this.node = node;
    this.exits = exits;
  }

  /** Takes a packet from the node whose version nibble is 6. */
  void packet(ByteBuf packet, long nowNanos) {
    exits.drop(answer(packet, nowNanos), packet);
  }

  /** Answers the packet if it is to be answered; returns why it goes no further. */
  private ForwardDrop answer(ByteBuf packet, long nowNanos) {
    if (!Ipv6Header.isWhole(packet)) {
      return ForwardDrop.MALFORMED;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    byte[] address = node.v6();
    if (ip.isMulticast()) {
      return ForwardDrop.MULTICAST;
    }
    if (address == null) {
      return ForwardDrop.NO_NODE;
    }
    if (!ip.isTo(address)) {
      return ForwardDrop.OTHER_DESTINATION;
    }
    if (!ip.hasUnicastSource() || ip.isFrom(address)) {
      return ForwardDrop.FORGED_SOURCE;
    }
    return answerPayload(packet, ip, nowNanos);
  }

  private ForwardDrop answerPayload(ByteBuf packet, Ipv6Header ip, long nowNanos) {
    int protocol = ip.nextHeader();
    int at = ip.payload();
    int end = packet.writerIndex();
    for (int i = 0; i < MAX_EXTENSIONS && isExtension(protocol) && at + 8 <= end; i++) {
      protocol = packet.getUnsignedByte(at);
      at += 8 + 8 * packet.getUnsignedByte(at + 1);
    }
    int length = end - at;
    if (protocol == FRAGMENT) {
      return ForwardDrop.FRAGMENT_INCOMPLETE;
    }
    boolean known =
        protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.ICMPV6;
    if (!known) {
      return ForwardDrop.UNSUPPORTED_PROTOCOL;
    }
    if (length < (protocol == IpProtocol.TCP ? TcpHeader.LENGTH : 8)) {
      return ForwardDrop.MALFORMED;
    }
    int pseudoHeader = ip.pseudoHeader(protocol, length);
    int sum = InternetChecksum.add(pseudoHeader, InternetChecksum.sum(packet, at, length));
    if (sum != 0xffff) {
      return ForwardDrop.BAD_CHECKSUM;
    }
    return switch (protocol) {
      case IpProtocol.TCP -> tcp(packet, TcpHeader.at(packet, at, length), nowNanos);
      case IpProtocol.UDP -> unreachable(packet, IcmpError.V6_PORT_UNREACHABLE, nowNanos);
      default ->
          packet.getUnsignedByte(at) == ECHO_REQUEST
              ? unreachable(packet, IcmpError.V6_ADDRESS_UNREACHABLE, nowNanos)
              : ForwardDrop.UNSUPPORTED_ICMP;
    };
  }

  private ForwardDrop tcp(ByteBuf packet, TcpHeader tcp, long nowNanos) {
    if (!tcp.isWhole()) {
      return ForwardDrop.MALFORMED;
    }
    if (!tcp.isOpening() || tcp.has(TcpHeader.RST)) {
      return ForwardDrop.NOT_A_FLOW;
    }
    if (bucket.take(nowNanos)) {
      exits.toNode(TcpReset.answering6(packet, tcp));
    }
    return ForwardDrop.IPV6_CALLER;
  }

  private ForwardDrop unreachable(ByteBuf packet, int code, long nowNanos) {
    if (bucket.take(nowNanos)) {
      exits.toNode(IcmpError.unreachable6(packet, code));
    }
    return ForwardDrop.IPV6_CALLER;
  }

  private static boolean isExtension(int protocol) {
    return protocol == HOP_BY_HOP || protocol == ROUTING || protocol == DESTINATION_OPTIONS;
  }
}
