package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The bridge's own tunnel address as a host: it answers ping, passes on what something listens for,
 * and like any host refuses what nothing does. What the device sends there as part of a caller's
 * flow never comes here.
 */
final class BridgeAddress {

  private static final int TTL = 64;

  private final Exits exits;
  private final DeviceAnswers answers;
  private @Nullable BridgePorts ports;

  BridgeAddress(Exits exits, DeviceAnswers answers) {
    this.exits = exits;
    this.answers = answers;
  }

  void serve(BridgePorts open) {
    ports = open;
  }

  /**
   * Whether a segment of the device to this address is for what listens here, and not of a caller's
   * connection that another path has.
   */
  boolean isServed(TcpHeader tcp) {
    return ports != null
        && ports.isOpen(IpProtocol.TCP, tcp.destinationPort())
        && (tcp.isOpening() || ports.isConnected(tcp.destinationPort(), tcp.sourcePort()));
  }

  /** Takes a checked packet of the device to the bridge: TCP, UDP or an echo request. */
  void packet(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    if (ports != null && isOpen(ports, packet, ip)) {
      ports.packet(packet);
      return;
    }
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

  /**
   * Takes an error of the device, if it is about a datagram from an open port here. It is none
   * about a caller's flow.
   */
  boolean tookError(ByteBuf packet, Ipv4Header ip, IcmpHeader icmp) {
    QuotedPacket quoted = QuotedPacket.of(packet, icmp, /* sentByDevice= */ false);
    if (ports == null
        || quoted == null
        || quoted.protocol() != IpProtocol.UDP
        || quoted.source() != ip.destination()
        || !ports.isOpen(IpProtocol.UDP, quoted.remotePort())) {
      return false;
    }
    ports.packet(packet);
    return true;
  }

  private static boolean isOpen(BridgePorts ports, ByteBuf packet, Ipv4Header ip) {
    return switch (ip.protocol()) {
      case IpProtocol.TCP ->
          ports.isOpen(IpProtocol.TCP, TcpHeader.of(packet, ip).destinationPort());
      case IpProtocol.UDP ->
          ports.isOpen(IpProtocol.UDP, UdpHeader.of(packet, ip).destinationPort());
      default -> false;
    };
  }
}
