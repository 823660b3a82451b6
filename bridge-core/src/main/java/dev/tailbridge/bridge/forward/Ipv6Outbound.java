package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Address;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Makes IPv6 packets of what {@link Outbound} sends to callers' stand-ins (RFC 7915 4), and hands
 * them to the node: with a fragment header where they are larger than the tailnet carries.
 */
final class Ipv6Outbound {

  private static final int FRAGMENT = 44;
  private static final int FRAGMENT_HEADER = 8;

  private final int mtu;
  private final NodeAddresses node;
  private final StandIns callers;
  private final Ipv6Errors errors;
  private final Exits exits;

  Ipv6Outbound(
      int tailnetMtu, NodeAddresses node, StandIns callers, Ipv6Errors errors, Exits exits) {
    this.mtu = tailnetMtu;
    this.node = node;
    this.callers = callers;
    this.errors = errors;
    this.exits = exits;
  }

  /** Bytes of the largest IPv4 packet that needs no fragmentation. */
  static int room(int tailnetMtu) {
    return tailnetMtu - (Ipv6Header.LENGTH - Ipv4Header.LENGTH);
  }

  /** Takes a whole packet of UDP with a checksum or of ICMP, complete but for its family. */
  void packet(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    Ipv6Address caller = callers.callerOf(ip.destination(), nowNanos);
    Ipv6Address self = node.v6();
    if (caller == null || self == null) {
      exits.drop(caller == null ? ForwardDrop.TABLE_FULL : ForwardDrop.NO_NODE, packet);
      return;
    }
    AddressSums sums = AddressSums.of(ip, self, caller);
    if (ip.protocol() == IpProtocol.UDP) {
      sums.udpToV6(UdpHeader.of(packet, ip));
      send(packet, ip, IpProtocol.UDP, self, caller);
      return;
    }
    IcmpHeader icmp = IcmpHeader.of(packet, ip);
    if (IcmpErrors.isForwarded(icmp)) {
      error(packet, errors.toV6(packet, ip, icmp, self, caller));
      return;
    }
    sums.echoToV6(icmp, ip.payloadLength());
    send(packet, ip, IpProtocol.ICMPV6, self, caller);
  }

  private void error(ByteBuf packet, @Nullable ByteBuf error) {
    if (error == null) {
      exits.drop(ForwardDrop.UNSUPPORTED_ICMP, packet);
      return;
    }
    packet.release();
    exits.toNode(error);
  }

  private void send(
      ByteBuf packet, Ipv4Header ip, int protocol, Ipv6Address self, Ipv6Address caller) {
    int length = ip.payloadLength();
    if (Ipv6Header.LENGTH + length > mtu) {
      fragment(packet, ip, protocol, self, caller);
    } else {
      ByteBuf whole = header(packet, ip, length, protocol, self, caller);
      exits.toNode(whole.writeBytes(packet, ip.payload(), length));
    }
    packet.release();
  }

  /** The identification is the device's, as RFC 7915 4.1 wants it: nobody else has this source. */
  private void fragment(
      ByteBuf packet, Ipv4Header ip, int protocol, Ipv6Address self, Ipv6Address caller) {
    int most = (mtu - Ipv6Header.LENGTH - FRAGMENT_HEADER) / 8 * 8;
    int length = ip.payloadLength();
    for (int offset = 0; offset < length; offset += most) {
      int size = Math.min(most, length - offset);
      boolean more = offset + size < length;
      ByteBuf fragment = header(packet, ip, FRAGMENT_HEADER + size, FRAGMENT, self, caller);
      fragment.writeShort(protocol << 8).writeShort(offset | (more ? 1 : 0));
      fragment.writeInt(ip.identification());
      exits.toNode(fragment.writeBytes(packet, ip.payload() + offset, size));
    }
  }

  private static ByteBuf header(
      ByteBuf packet,
      Ipv4Header ip,
      int payload,
      int nextHeader,
      Ipv6Address self,
      Ipv6Address caller) {
    ByteBuf buffer = packet.alloc().buffer(Ipv6Header.LENGTH + payload);
    buffer.writerIndex(Ipv6Header.LENGTH);
    Ipv6Header header = Ipv6Header.at(buffer, 0);
    header.write(payload, nextHeader, ip.ttl(), self, caller);
    header.rewriteTrafficClass(ip.typeOfService());
    return buffer;
  }
}
