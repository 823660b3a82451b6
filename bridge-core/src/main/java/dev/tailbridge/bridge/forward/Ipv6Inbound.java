package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Address;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.Ipv6Payload;
import dev.tailbridge.ip.Reassembler;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Makes IPv4 packets of IPv6 callers' (RFC 7915 5) and hands them to {@link Inbound} as if they had
 * come so (together a stateful translator, RFC 6146).
 *
 * <ul>
 *   <li>First the header changes, with a stand-in for the caller's address; so fragments are
 *       fragments before and after, and are made whole like all others. Then what the whole packet
 *       carries is checked and changes too.
 *   <li>UDP must have a checksum (RFC 8200 8.1). TCP is refused.
 *   <li>The time to live stays as it is, as for IPv4.
 * </ul>
 */
final class Ipv6Inbound {

  private final int deviceMtu;
  private final NodeAddresses node;
  private final StandIns callers;
  private final Reassembler fragments;
  private final Ipv6Refusals refusals;
  private final Ipv6Errors errors;
  private final Inbound inbound;
  private final Exits exits;

  Ipv6Inbound(
      ForwardSettings settings,
      NodeAddresses node,
      StandIns callers,
      Reassembler fragments,
      Ipv6Errors errors,
      Inbound inbound,
      Exits exits) {
    this.deviceMtu = settings.deviceMtu();
    this.node = node;
    this.callers = callers;
    this.fragments = fragments;
    this.refusals = new Ipv6Refusals(settings.ports(), exits);
    this.errors = errors;
    this.inbound = inbound;
    this.exits = exits;
  }

  /** Judges callers from now on. */
  void judgeCallers(CallerGate gate) {
    refusals.judgeCallers(gate);
  }

  /** Takes a packet from the node whose version nibble is 6. */
  void packet(ByteBuf packet, long nowNanos) {
    ForwardDrop refusal = headerFault(packet);
    if (refusal != null) {
      exits.drop(refusal, packet);
      return;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    Ipv6Payload payload = Ipv6Payload.find(packet, packet.readerIndex(), packet.writerIndex());
    if (payload == null) {
      exits.drop(ForwardDrop.MALFORMED, packet);
    } else if (payload.sourceRouted()) {
      exits.drop(ForwardDrop.IP_OPTIONS, packet);
    } else {
      switch (payload.protocol()) {
        case IpProtocol.TCP -> refusals.packet(packet, ip, payload, nowNanos);
        case IpProtocol.UDP, IpProtocol.ICMPV6 -> translate(packet, ip, payload, nowNanos);
        default -> exits.drop(ForwardDrop.UNSUPPORTED_PROTOCOL, packet);
      }
    }
  }

  private @Nullable ForwardDrop headerFault(ByteBuf packet) {
    if (!Ipv6Header.isWhole(packet)) {
      return ForwardDrop.MALFORMED;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    if (ip.isMulticast()) {
      return ForwardDrop.MULTICAST;
    }
    if (node.v6() == null || !node.isKnown()) {
      return ForwardDrop.NO_NODE;
    }
    if (!ip.destinationAddress().equals(node.v6())) {
      return ForwardDrop.OTHER_DESTINATION;
    }
    boolean canCall = ip.hasUnicastSource() && !ip.sourceAddress().equals(node.v6());
    return canCall ? null : ForwardDrop.FORGED_SOURCE;
  }

  private void translate(ByteBuf packet, Ipv6Header ip, Ipv6Payload payload, long nowNanos) {
    if (Ipv4Header.LENGTH + payload.length() > deviceMtu) {
      exits.drop(ForwardDrop.TOO_BIG_FOR_DEVICE, packet);
      return;
    }
    int standIn = callers.of(ip.sourceAddress(), nowNanos);
    if (standIn == 0) {
      exits.drop(ForwardDrop.TABLE_FULL, packet);
      return;
    }
    Ipv4Header ipv4 = writeIpv4Header(packet, ip, payload, standIn);
    ByteBuf whole = payload.isFragment() ? fragments.add(packet, ipv4, nowNanos) : packet;
    if (whole != null) {
      whole(whole, Ipv4Header.of(whole), nowNanos);
    }
  }

  /**
   * Replaces everything before the payload by an IPv4 header, whose protocol still is IPv6's. Of a
   * fragment's identification the lower half is left (RFC 7915 5.1.1).
   */
  private Ipv4Header writeIpv4Header(
      ByteBuf packet, Ipv6Header ip, Ipv6Payload payload, int standIn) {
    int trafficClass = ip.trafficClass();
    int hopLimit = ip.hopLimit();
    int total = Ipv4Header.LENGTH + payload.length();
    packet.readerIndex(payload.index() - Ipv4Header.LENGTH);
    Ipv4Header ipv4 = Ipv4Header.of(packet);
    ipv4.write(total, hopLimit, payload.protocol(), standIn, node.v4());
    ipv4.rewriteTypeOfService(trafficClass);
    if (payload.isFragment()) {
      ipv4.rewriteIdentification(payload.identification() & 0xffff);
      ipv4.rewriteFragment(total, payload.fragmentOffset(), payload.moreFragments());
    }
    return ipv4;
  }

  private void whole(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    Ipv6Address caller = callers.callerOf(ip.source(), nowNanos);
    Ipv6Address self = node.v6();
    if (caller == null || self == null) {
      exits.drop(caller == null ? ForwardDrop.TABLE_FULL : ForwardDrop.NO_NODE, packet);
      return;
    }
    AddressSums sums = AddressSums.of(ip, caller, self);
    if (ip.protocol() == IpProtocol.UDP) {
      udp(packet, ip, sums, nowNanos);
    } else {
      icmp(packet, ip, sums, nowNanos);
    }
  }

  private void udp(ByteBuf packet, Ipv4Header ip, AddressSums sums, long nowNanos) {
    UdpHeader udp = UdpHeader.of(packet, ip);
    if (!udp.isWhole()) {
      exits.drop(ForwardDrop.MALFORMED, packet);
      return;
    }
    int pseudoHeader = sums.pseudoHeader6(IpProtocol.UDP, ip.payloadLength());
    if (!udp.hasChecksum() || !udp.hasValidChecksum(pseudoHeader)) {
      exits.drop(ForwardDrop.BAD_CHECKSUM, packet);
      return;
    }
    sums.udpToV4(udp);
    inbound.packet(packet, ip, nowNanos);
  }

  private void icmp(ByteBuf packet, Ipv4Header ip, AddressSums sums, long nowNanos) {
    IcmpHeader icmp = IcmpHeader.of(packet, ip);
    int length = ip.payloadLength();
    if (!icmp.isWhole()) {
      exits.drop(ForwardDrop.MALFORMED, packet);
    } else if (!icmp.hasValidChecksum(sums.pseudoHeader6(IpProtocol.ICMPV6, length))) {
      exits.drop(ForwardDrop.BAD_CHECKSUM, packet);
    } else if (IcmpErrorHead.isV6Error(icmp.type())) {
      error(packet, ip, icmp, nowNanos);
    } else if (icmp.type() == IcmpHeader.V6_ECHO_REQUEST
        || icmp.type() == IcmpHeader.V6_ECHO_REPLY) {
      sums.echoToV4(icmp, length);
      ip.rewriteProtocol(IpProtocol.ICMP);
      inbound.packet(packet, ip, nowNanos);
    } else {
      exits.drop(ForwardDrop.UNSUPPORTED_ICMP, packet);
    }
  }

  private void error(ByteBuf packet, Ipv4Header ip, IcmpHeader icmp, long nowNanos) {
    ByteBuf error = errors.toV4(packet, ip, icmp, nowNanos);
    if (error == null) {
      exits.drop(ForwardDrop.ERROR_WITHOUT_FLOW, packet);
      return;
    }
    packet.release();
    inbound.packet(error, Ipv4Header.of(error), nowNanos);
  }
}
