package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Address;
import dev.tailbridge.ip.Ipv6Header;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Shows a dropped packet of or for a stand-in with the IPv6 addresses of the two: a stand-in is
 * nobody's address and would only puzzle who reads of it.
 */
final class DropsInOwnFamily implements Drops {

  private final NodeAddresses node;
  private final StandIns callers;
  private final Drops drops;

  DropsInOwnFamily(NodeAddresses node, StandIns callers, Drops drops) {
    this.node = node;
    this.callers = callers;
    this.drops = drops;
  }

  @Override
  public void count(ForwardDrop reason, ByteBuf packet) {
    ByteBuf shown = reason == ForwardDrop.FORGED_SOURCE ? null : inIpv6(packet);
    if (shown == null) {
      drops.count(reason, packet);
      return;
    }
    drops.count(reason, shown);
    shown.release();
  }

  private @Nullable ByteBuf inIpv6(ByteBuf packet) {
    Ipv6Address self = node.v6();
    if (self == null || packet.readableBytes() < Ipv4Header.LENGTH) {
      return null;
    }
    Ipv4Header ip = Ipv4Header.of(packet);
    boolean fromCaller = ip.destination() == node.v4();
    Ipv6Address caller = callers.peek(fromCaller ? ip.source() : ip.destination());
    if (ip.version() != 4 || caller == null || !(fromCaller || ip.source() == node.v4())) {
      return null;
    }
    int payload = packet.readableBytes() - Ipv4Header.LENGTH;
    int protocol = ip.protocol() == IpProtocol.ICMP ? IpProtocol.ICMPV6 : ip.protocol();
    ByteBuf shown = packet.alloc().buffer(Ipv6Header.LENGTH + payload);
    shown.writerIndex(Ipv6Header.LENGTH);
    Ipv6Header header = Ipv6Header.of(shown);
    header.write(
        payload, protocol, ip.ttl(), fromCaller ? caller : self, fromCaller ? self : caller);
    return shown.writeBytes(packet, packet.readerIndex() + Ipv4Header.LENGTH, payload);
  }
}
