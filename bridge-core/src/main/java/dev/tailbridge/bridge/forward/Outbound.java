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
 * Translates from the device to the tailnet: its answers to callers, and what it starts itself.
 *
 * <p>A flow decides first, whatever the destination: a caller behind a subnet router may have any
 * address. Only what belongs to none is judged by where it goes.
 */
final class Outbound {

  private final Destinations destinations;
  private final Flows flows;
  private final IcmpErrors errors;
  private final NodeAddresses node;
  private final BridgeAddress bridge;
  private final Ipv6Outbound ipv6;
  private final DeviceAnswers answers;
  private final Exits exits;
  private final int mtu;
  private final int mss;
  private @Nullable TcpPath tcpPath;

  Outbound(
      int tailnetMtu,
      Destinations destinations,
      Flows flows,
      IcmpErrors errors,
      NodeAddresses node,
      DeviceAnswers answers,
      Ipv6Outbound ipv6,
      Exits exits) {
    this.mtu = tailnetMtu;
    this.mss = tailnetMtu - Ipv4Header.LENGTH - TcpHeader.LENGTH;
    this.destinations = destinations;
    this.flows = flows;
    this.errors = errors;
    this.node = node;
    this.bridge = new BridgeAddress(exits, answers);
    this.answers = answers;
    this.ipv6 = ipv6;
    this.exits = exits;
  }

  void divertTcp(TcpPath path) {
    tcpPath = path;
  }

  void serve(BridgePorts open) {
    bridge.serve(open);
  }

  /** Takes a checked whole packet from the device's address. */
  void packet(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    switch (ip.protocol()) {
      case IpProtocol.TCP -> tcp(packet, ip, nowNanos);
      case IpProtocol.UDP -> udp(packet, ip, nowNanos);
      default -> icmp(packet, ip, nowNanos);
    }
  }

  private void tcp(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    TcpHeader tcp = TcpHeader.of(packet, ip);
    if (tcpPath != null) {
      divert(packet, ip, tcp, tcpPath, nowNanos);
      return;
    }
    TcpFlow flow = connection(ip, tcp);
    if (isRefused(packet, ip, flow, nowNanos)) {
      return;
    }
    if (flow == null) {
      if (!tcp.isOpening()) {
        // The connection is older than the bridge or was idle for too long: it may start anew.
        answers.reset(packet, ip, nowNanos);
        exits.drop(ForwardDrop.NOT_A_FLOW, packet);
        return;
      }
      flow = flows.tcp.open(ip.destination(), tcp.destinationPort(), tcp.sourcePort(), nowNanos);
    }
    if (flow == null) {
      exits.drop(ForwardDrop.TABLE_FULL, packet);
      return;
    }
    flow.passed(tcp, true);
    flows.tcp.passed(flow, nowNanos);
    if (tcp.has(TcpHeader.SYN)) {
      tcp.clampMss(mss);
    }
    int change = ip.rewriteAddresses(node.v4(), flow.remoteAddress);
    tcp.rewritePorts(flow.tailnetPort, flow.remotePort, change);
    exits.toNode(packet);
  }

  /** Judges where a new call goes; all else is of a connection of the other path, or of none. */
  private void divert(ByteBuf packet, Ipv4Header ip, TcpHeader tcp, TcpPath path, long nowNanos) {
    boolean toBridge = destinations.of(ip.destination()) == Destinations.Kind.BRIDGE;
    if (toBridge && bridge.isServed(tcp)) {
      bridge.packet(packet, ip, nowNanos);
    } else if (!tcp.isOpening() || toBridge || !isRefused(packet, ip, null, nowNanos)) {
      path.fromDevice(packet);
    }
  }

  /**
   * The connection that a segment of the device belongs to. An ended one makes room when the device
   * calls again from the same port, and what still comes for one whose tuple a newer connection has
   * taken belongs to none.
   */
  private @Nullable TcpFlow connection(Ipv4Header ip, TcpHeader tcp) {
    TcpFlow flow = flows.tcp.byFace(ip.destination(), tcp.destinationPort(), tcp.sourcePort());
    if (flow == null || !(flow.shadowed || (tcp.isOpening() && flow.hasEnded()))) {
      return flow;
    }
    if (tcp.isOpening() && !flow.hasFace()) {
      flows.tcp.remove(flow);
    }
    return null;
  }

  private void udp(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    UdpHeader udp = UdpHeader.of(packet, ip);
    Flow.Datagrams flow =
        flows.udp.byFace(ip.destination(), udp.destinationPort(), udp.sourcePort());
    if (isRefused(packet, ip, flow, nowNanos)) {
      return;
    }
    if (flow == null) {
      flow = flows.udp.open(ip.destination(), udp.destinationPort(), udp.sourcePort(), nowNanos);
    }
    if (flow == null) {
      exits.drop(ForwardDrop.TABLE_FULL, packet);
      return;
    }
    flow.passed(true);
    flows.udp.passed(flow, nowNanos);
    if (!udp.hasChecksum()) {
      // The node drops such datagrams without a word.
      udp.computeChecksum(Admission.pseudoHeader(ip));
    }
    int change = ip.rewriteAddresses(node.v4(), flow.remoteAddress);
    udp.rewritePorts(flow.tailnetPort, flow.remotePort, change);
    toNode(packet, ip, nowNanos);
  }

  private void icmp(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    IcmpHeader icmp = IcmpHeader.of(packet, ip);
    if (IcmpErrors.isForwarded(icmp)) {
      error(packet, ip, icmp, nowNanos);
      return;
    }
    switch (icmp.type()) {
      case IcmpHeader.ECHO_REQUEST -> request(packet, ip, icmp, nowNanos);
      case IcmpHeader.ECHO_REPLY -> {
        Flow.Datagrams flow = flows.callerPings.byFace(ip.destination(), icmp.identifier(), 0);
        if (flow == null) {
          exits.drop(ForwardDrop.REPLY_TO_NOTHING, packet);
        } else if (!isRefused(packet, ip, flow, nowNanos)) {
          echo(packet, ip, icmp, flows.callerPings, flow, nowNanos);
        }
      }
      default -> exits.drop(ForwardDrop.UNSUPPORTED_ICMP, packet);
    }
  }

  private void error(ByteBuf packet, Ipv4Header ip, IcmpHeader icmp, long nowNanos) {
    if (node.isKnown() && errors.translateFromDevice(packet, ip, icmp)) {
      toNode(packet, ip, nowNanos);
    } else if (!bridge.tookError(packet, ip, icmp)) {
      exits.drop(node.isKnown() ? ForwardDrop.ERROR_WITHOUT_FLOW : ForwardDrop.NO_NODE, packet);
    }
  }

  private void request(ByteBuf packet, Ipv4Header ip, IcmpHeader icmp, long nowNanos) {
    Flow.Datagrams flow = flows.devicePings.byFace(ip.destination(), icmp.identifier(), 0);
    if (isRefused(packet, ip, flow, nowNanos)) {
      return;
    }
    if (flow == null) {
      flow = flows.devicePings.open(ip.destination(), icmp.identifier(), 0, nowNanos);
    }
    if (flow == null) {
      exits.drop(ForwardDrop.TABLE_FULL, packet);
      return;
    }
    echo(packet, ip, icmp, flows.devicePings, flow, nowNanos);
  }

  private void echo(
      ByteBuf packet,
      Ipv4Header ip,
      IcmpHeader icmp,
      FlowTable<Flow.Datagrams> table,
      Flow.Datagrams flow,
      long nowNanos) {
    flow.passed(true);
    table.passed(flow, nowNanos);
    ip.rewriteAddresses(node.v4(), flow.remoteAddress);
    icmp.rewriteIdentifier(flow.remotePort);
    toNode(packet, ip, nowNanos);
  }

  private void toNode(ByteBuf packet, Ipv4Header ip, long nowNanos) {
    if (StandIns.isStandIn(ip.destination())) {
      ipv6.packet(packet, ip, nowNanos);
    } else {
      exits.toNode(packet);
    }
  }

  /**
   * Whether a packet cannot leave through the node; then the device was told why and the packet is
   * gone.
   */
  private boolean isRefused(ByteBuf packet, Ipv4Header ip, @Nullable Flow flow, long nowNanos) {
    Destinations.Kind kind =
        flow != null ? Destinations.Kind.TAILNET : destinations.of(ip.destination());
    switch (kind) {
      case TAILNET -> {
        boolean toIpv6 = flow != null && StandIns.isStandIn(flow.remoteAddress);
        return isHeldBack(packet, ip, toIpv6 ? Ipv6Outbound.room(mtu) : mtu, nowNanos);
      }
      case BRIDGE -> bridge.packet(packet, ip, nowNanos);
      case SELF -> refuse(packet, ForwardDrop.HAIRPIN, IcmpError.HOST_UNREACHABLE, nowNanos);
      case OTHER_DEVICE ->
          refuse(packet, ForwardDrop.DEVICE_TO_DEVICE, IcmpError.PROHIBITED, nowNanos);
      case ELSEWHERE -> refuse(packet, ForwardDrop.NO_EGRESS, IcmpError.NET_UNREACHABLE, nowNanos);
      case MULTICAST -> exits.drop(ForwardDrop.MULTICAST, packet);
    }
    return true;
  }

  private boolean isHeldBack(ByteBuf packet, Ipv4Header ip, int room, long nowNanos) {
    if (!node.isKnown()) {
      refuse(packet, ForwardDrop.NO_NODE, IcmpError.NET_UNREACHABLE, nowNanos);
      return true;
    }
    if (packet.readableBytes() > room && ip.dontFragment()) {
      answers.fragmentationNeeded(packet, room, nowNanos);
      exits.drop(ForwardDrop.TOO_BIG_FOR_TAILNET, packet);
      return true;
    }
    return false;
  }

  private void refuse(ByteBuf packet, ForwardDrop reason, int code, long nowNanos) {
    answers.unreachable(packet, code, nowNanos);
    exits.drop(reason, packet);
  }
}
