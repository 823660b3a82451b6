package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardSettings.Source.CLIENT;

import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Translates from the tailnet to the device: callers' packets, and answers to the device's own. */
final class Inbound {

  private final Flows flows;
  private final IcmpErrors errors;
  private final Exits exits;
  private final int device;
  private final int bridge;
  private final boolean showsCaller;
  private final int mss;
  private final PortPolicy ports;
  private @Nullable CallerGate callers;
  private @Nullable BridgePorts bridgePorts;

  Inbound(
      ForwardSettings settings,
      int device,
      int bridge,
      Flows flows,
      IcmpErrors errors,
      Exits exits) {
    this.device = device;
    this.bridge = bridge;
    this.showsCaller = settings.source() == CLIENT;
    this.ports = settings.ports();
    this.mss = settings.tailnetMtu() - Ipv4Header.LENGTH - TcpHeader.LENGTH;
    this.flows = flows;
    this.errors = errors;
    this.exits = exits;
  }

  /** Judges callers from now on. */
  void judgeCallers(CallerGate gate) {
    callers = gate;
  }

  /** Keeps open ports of the bridge from being anybody's face from now on. */
  void serve(BridgePorts open) {
    bridgePorts = open;
  }

  /** Takes a checked whole packet to the node's address that the device's link can carry. */
  void packet(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    switch (ip.protocol()) {
      case IpProtocol.TCP -> tcp(packet, ip, nowNanos);
      case IpProtocol.UDP -> udp(packet, ip, nowNanos);
      default -> icmp(packet, ip, nowNanos);
    }
  }

  private void tcp(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    TcpHeader tcp = TcpHeader.of(packet, ip);
    TcpFlow flow = flows.tcp.byRemote(ip.source(), tcp.sourcePort(), tcp.destinationPort());
    if (tcp.isOpening() && (flow == null || flow.hasEnded())) {
      int devicePort = ports.tcp().devicePort(tcp.destinationPort());
      if (!mayOpen(packet, ip, devicePort, nowNanos)) {
        return;
      }
      flow = opened(flow, ip, tcp, devicePort, nowNanos);
    }
    if (flow == null) {
      exits.drop(tcp.isOpening() ? ForwardDrop.TABLE_FULL : ForwardDrop.NOT_A_FLOW, packet);
      return;
    }
    flow.passed(tcp, false);
    flows.tcp.passed(flow, nowNanos);
    if (tcp.has(TcpHeader.SYN)) {
      tcp.clampMss(mss);
    }
    int change = ip.rewriteAddresses(flow.faceAddress, device);
    tcp.rewritePorts(flow.facePort, flow.devicePort, change);
    exits.toDevice(packet);
  }

  /**
   * The flow that a caller's SYN opens. (On a living connection it is a repetition, or the caller
   * has restarted: the device knows what to say.) After an ended one it is a new connection, and
   * gets a new face: the device may still be in TIME-WAIT with the old one, where lwIP would not
   * let it in.
   */
  private @Nullable TcpFlow opened(
      @Nullable TcpFlow ended, Ipv4Header ip, TcpHeader tcp, int devicePort, long nowNanos) {
    if (ended != null && showsCaller) {
      flows.tcp.remove(ended);
    }
    return open(flows.tcp, ip, tcp.sourcePort(), tcp.destinationPort(), devicePort, nowNanos);
  }

  private void udp(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    UdpHeader udp = UdpHeader.of(packet, ip);
    Flow.Datagrams flow = flows.udp.byRemote(ip.source(), udp.sourcePort(), udp.destinationPort());
    if (flow == null) {
      int devicePort = ports.udp().devicePort(udp.destinationPort());
      if (!mayOpen(packet, ip, devicePort, nowNanos)) {
        return;
      }
      flow = open(flows.udp, ip, udp.sourcePort(), udp.destinationPort(), devicePort, nowNanos);
    }
    if (flow == null) {
      exits.drop(ForwardDrop.TABLE_FULL, packet);
      return;
    }
    flow.passed(false);
    flows.udp.passed(flow, nowNanos);
    int change = ip.rewriteAddresses(flow.faceAddress, device);
    udp.rewritePorts(flow.facePort, flow.devicePort, change);
    exits.toDevice(packet);
  }

  private void icmp(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    IcmpHeader icmp = IcmpHeader.of(packet, ip);
    if (IcmpErrors.isForwarded(icmp)) {
      if (errors.translateFromNode(packet, ip, icmp)) {
        exits.toDevice(packet);
      } else {
        exits.drop(ForwardDrop.ERROR_WITHOUT_FLOW, packet);
      }
      return;
    }
    switch (icmp.type()) {
      case IcmpHeader.ECHO_REQUEST -> {
        Flow.Datagrams flow = flows.callerPings.byRemote(ip.source(), icmp.identifier(), 0);
        if (flow == null) {
          if (!mayOpen(packet, ip, ports.ping() ? 0 : PortMap.CLOSED, nowNanos)) {
            return;
          }
          flow = open(flows.callerPings, ip, icmp.identifier(), 0, 0, nowNanos);
        }
        echo(packet, ip, icmp, flows.callerPings, flow, ForwardDrop.TABLE_FULL, nowNanos);
      }
      case IcmpHeader.ECHO_REPLY -> {
        Flow.Datagrams flow = flows.devicePings.byRemote(ip.source(), icmp.identifier(), 0);
        echo(packet, ip, icmp, flows.devicePings, flow, ForwardDrop.REPLY_TO_NOTHING, nowNanos);
      }
      default -> exits.drop(ForwardDrop.UNSUPPORTED_ICMP, packet);
    }
  }

  private void echo(
      ByteBuf packet,
      Ipv4Header ip,
      IcmpHeader icmp,
      FlowTable<Flow.Datagrams> table,
      Flow.@Nullable Datagrams flow,
      ForwardDrop otherwise,
      long nowNanos) {
    if (flow == null) {
      exits.drop(otherwise, packet);
      return;
    }
    flow.passed(false);
    table.passed(flow, nowNanos);
    ip.rewriteAddresses(flow.faceAddress, device);
    icmp.rewriteIdentifier(flow.facePort);
    exits.toDevice(packet);
  }

  /**
   * Whether the first packet of a flow may open it now; else it is gone, without an answer, as the
   * tailnet's own rules would have it, or it waits.
   */
  private boolean mayOpen(ByteBuf packet, Ipv4Header ip, int devicePort, long nowNanos) {
    if (devicePort == PortMap.CLOSED) {
      exits.drop(ForwardDrop.PORT_CLOSED, packet);
      return false;
    }
    return callers == null || callers.mayOpen(packet, ip, nowNanos);
  }

  private <F extends Flow> @Nullable F open(
      FlowTable<F> table, Ipv4Header ip, int port, int tailnetPort, int devicePort, long nowNanos) {
    // An IPv6 caller has no address that the device could see.
    int face = showsCaller && !StandIns.isStandIn(ip.source()) ? ip.source() : bridge;
    BridgePorts open = face == bridge ? bridgePorts : null;
    int protocol = ip.protocol();
    return table.openWithFace(
        ip.source(),
        port,
        tailnetPort,
        devicePort,
        face,
        facePort -> open == null || !open.isOpen(protocol, facePort),
        nowNanos);
  }
}
