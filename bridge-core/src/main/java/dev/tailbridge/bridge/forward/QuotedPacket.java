package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The beginning of a TCP, UDP or echo packet inside an ICMP error. */
final class QuotedPacket {

  /** All that an error must quote after the header (RFC 792). */
  private static final int TRANSPORT = 8;

  private final ByteBuf packet;
  private final Ipv4Header ip;
  private final int length;
  private final boolean sentByDevice;

  private QuotedPacket(ByteBuf packet, Ipv4Header ip, int length, boolean sentByDevice) {
    this.packet = packet;
    this.ip = ip;
    this.length = length;
    this.sentByDevice = sentByDevice;
  }

  /**
   * What an error quotes.
   *
   * @param sentByDevice whether the quoted packet was on its way from the device
   * @return null if it is not enough of a packet that can belong to a flow
   */
  static @Nullable QuotedPacket of(ByteBuf packet, IcmpHeader icmp, boolean sentByDevice) {
    int length = icmp.quotedLength();
    if (length < Ipv4Header.LENGTH + TRANSPORT) {
      return null;
    }
    Ipv4Header ip = Ipv4Header.at(packet, icmp.quoted());
    int header = ip.headerLength();
    if (ip.version() != 4
        || header < Ipv4Header.LENGTH
        || length < header + TRANSPORT
        || ip.fragmentOffset() != 0) {
      return null;
    }
    QuotedPacket quoted = new QuotedPacket(packet, ip, length - header, sentByDevice);
    return switch (ip.protocol()) {
      case IpProtocol.TCP, IpProtocol.UDP -> quoted;
      case IpProtocol.ICMP -> quoted.isReply() || quoted.isRequest() ? quoted : null;
      default -> null;
    };
  }

  /** Whether an error quotes enough of TCP. */
  static boolean isTcp(ByteBuf packet, IcmpHeader icmp) {
    QuotedPacket quoted = of(packet, icmp, /* sentByDevice= */ false);
    return quoted != null && quoted.protocol() == IpProtocol.TCP;
  }

  boolean sentByDevice() {
    return sentByDevice;
  }

  int protocol() {
    return ip.protocol();
  }

  int source() {
    return ip.source();
  }

  int destination() {
    return ip.destination();
  }

  /** Of an echo, whether it is the reply. */
  boolean isReply() {
    return echo().type() == IcmpHeader.ECHO_REPLY;
  }

  private boolean isRequest() {
    return echo().type() == IcmpHeader.ECHO_REQUEST;
  }

  /** The port of the device's correspondent, or the identifier of an echo. */
  int remotePort() {
    if (protocol() == IpProtocol.ICMP) {
      return echo().identifier();
    }
    return packet.getUnsignedShort(ip.payload() + (sentByDevice ? 2 : 0));
  }

  /** The device's port, as the side knows it that saw the packet; 0 of an echo. */
  int ownPort() {
    if (protocol() == IpProtocol.ICMP) {
      return 0;
    }
    return packet.getUnsignedShort(ip.payload() + (sentByDevice ? 0 : 2));
  }

  /** Replaces addresses and ports, and updates those checksums in reach. */
  void rewrite(int source, int destination, int remotePort, int ownPort) {
    int sourcePort = sentByDevice ? ownPort : remotePort;
    int destinationPort = sentByDevice ? remotePort : ownPort;
    int change = ip.rewriteAddresses(source, destination);
    switch (protocol()) {
      case IpProtocol.TCP ->
          TcpHeader.at(packet, ip.payload(), length)
              .rewritePorts(sourcePort, destinationPort, change);
      case IpProtocol.UDP ->
          UdpHeader.at(packet, ip.payload(), length)
              .rewritePorts(sourcePort, destinationPort, change);
      default -> echo().rewriteIdentifier(remotePort);
    }
  }

  private IcmpHeader echo() {
    return IcmpHeader.at(packet, ip.payload(), length);
  }
}
