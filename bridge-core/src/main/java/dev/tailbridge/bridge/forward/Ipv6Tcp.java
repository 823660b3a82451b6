package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv6Address;
import dev.tailbridge.ip.Ipv6Header;
import io.netty.buffer.ByteBuf;

/** Tells the TCP packets of IPv6 callers from what else comes by IPv6. */
final class Ipv6Tcp {

  private Ipv6Tcp() {}

  /**
   * Whether this is a whole TCP packet to the node, from where it can be answered. No sender puts
   * extension headers before TCP; one that does is told like others that it does not come through.
   */
  static boolean isToNode(ByteBuf packet, NodeAddresses node) {
    Ipv6Address address = node.v6();
    if (address == null || !Ipv6Header.isWhole(packet)) {
      return false;
    }
    Ipv6Header ip = Ipv6Header.of(packet);
    return ip.nextHeader() == IpProtocol.TCP
        && ip.destinationAddress().equals(address)
        && ip.hasUnicastSource()
        && !ip.sourceAddress().equals(address);
  }
}
