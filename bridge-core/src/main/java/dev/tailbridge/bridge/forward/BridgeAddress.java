package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import io.netty.buffer.ByteBuf;

/**
 * The bridge's own tunnel address as a host: it answers ping, and like any host refuses what
 * nothing listens for. What the device sends there as part of a caller's flow never comes here.
 */
final class BridgeAddress {

  private static final int TTL = 64;

  private final Exits exits;
  private final DeviceAnswers answers;

  BridgeAddress(Exits exits, DeviceAnswers answers) {
    this.exits = exits;
    this.answers = answers;
  }

  /** Takes a checked packet of the device to the bridge: TCP, UDP or an echo request. */
  void packet(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    switch (ip.protocol()) {
      case IpProtocol.TCP -> {
        answers.reset(packet, ip, nowNanos);
        boolean opening = TcpHeader.of(packet, ip).isOpening();
        exits.drop(opening ? ForwardDrop.BRIDGE_PORT_CLOSED : ForwardDrop.NOT_A_FLOW, packet);
      }
      case IpProtocol.UDP -> {
        answers.unreachable(packet, IcmpError.PORT_UNREACHABLE, nowNanos);
        exits.drop(ForwardDrop.BRIDGE_PORT_CLOSED, packet);
      }
      default -> {
        ip.swapAddresses();
        ip.rewriteTtl(TTL);
        IcmpHeader.of(packet, ip).rewriteToReply();
        exits.toDevice(packet);
      }
    }
  }
}
