package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import io.netty.buffer.ByteBuf;

/**
 * Translates ICMP errors (RFC 5508 4): unreachable, time exceeded, parameter problem. An error
 * quotes a packet as its reporter saw it, that is in the other side's terms; the quoted addresses,
 * ports and checksums are turned back, so the receiver recognizes what it sent. Only errors about
 * packets of a flow pass, and they change nothing about it.
 */
final class IcmpErrors {

  private final Flows flows;
  private final NodeAddresses node;
  private final int device;
  private final int bridge;

  IcmpErrors(Flows flows, NodeAddresses node, int device, int bridge) {
    this.flows = flows;
    this.node = node;
    this.device = device;
    this.bridge = bridge;
  }

  /** Whether this is an error of a kind that is translated. */
  static boolean isForwarded(IcmpHeader icmp) {
    return switch (icmp.type()) {
      case IcmpHeader.UNREACHABLE, IcmpHeader.TIME_EXCEEDED, IcmpHeader.PARAMETER_PROBLEM -> true;
      default -> false;
    };
  }

  /**
   * Rewrites an error from the tailnet about a packet that the device sent.
   *
   * @return whether it is about a flow; if not, nothing was changed
   */
  boolean translateFromNode(ByteBuf packet, Ipv4Header ip, IcmpHeader icmp) {
    QuotedPacket quoted = QuotedPacket.of(packet, icmp, true);
    if (quoted == null || !node.is(quoted.source())) {
      return false;
    }
    Flow flow = table(quoted).byRemote(quoted.destination(), quoted.remotePort(), quoted.ownPort());
    if (flow == null) {
      return false;
    }
    quoted.rewrite(device, flow.faceAddress, flow.facePort, flow.devicePort);
    icmp.computeChecksum();
    // A device that only knows the bridge could not route the reporter's address either.
    ip.rewriteAddresses(flow.hasFace() ? bridge : ip.source(), device);
    return true;
  }

  /**
   * Rewrites an error of the device about a packet that came from the tailnet.
   *
   * @return whether it is about a flow; if not, nothing was changed
   */
  boolean translateFromDevice(ByteBuf packet, Ipv4Header ip, IcmpHeader icmp) {
    QuotedPacket quoted = QuotedPacket.of(packet, icmp, false);
    if (quoted == null || quoted.destination() != device || quoted.source() != ip.destination()) {
      return false;
    }
    Flow flow = table(quoted).byFace(quoted.source(), quoted.remotePort(), quoted.ownPort());
    if (flow == null) {
      return false;
    }
    quoted.rewrite(flow.remoteAddress, node.v4(), flow.remotePort, flow.tailnetPort);
    icmp.computeChecksum();
    ip.rewriteAddresses(node.v4(), flow.remoteAddress);
    return true;
  }

  /** The device sends requests of its own pings and replies to its callers'. */
  private FlowTable<? extends Flow> table(QuotedPacket quoted) {
    return switch (quoted.protocol()) {
      case IpProtocol.TCP -> flows.tcp;
      case IpProtocol.UDP -> flows.udp;
      default -> quoted.isReply() == quoted.sentByDevice() ? flows.callerPings : flows.devicePings;
    };
  }
}
