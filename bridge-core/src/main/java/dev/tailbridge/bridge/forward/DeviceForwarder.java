package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Addresses;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Reassembler;
import io.netty.buffer.ByteBuf;
import java.net.Inet4Address;
import java.net.Inet6Address;
import org.jspecify.annotations.Nullable;

/**
 * Forwards IP packets between one device and its tailnet node.
 *
 * <ul>
 *   <li>Tailnet to device: every port of the node's address is the device's. Under {@code GATEWAY}
 *       the device sees callers at the bridge's address (NAPT: RFC 4787, 5382, 5508), under {@code
 *       CLIENT} at their own.
 *   <li>Device to tailnet (100.64.0.0/10, MagicDNS at 100.100.100.100 included): with the node's
 *       address, ports unchanged.
 *   <li>Device to the bridge's tunnel address: answers to callers go back to them; ping is answered
 *       by the bridge; {@link BridgePorts} get what is theirs; everything else is refused as a host
 *       refuses it.
 *   <li>A TCP connection opens with a SYN, from either side; all other TCP outside of one is
 *       dropped. UDP and ping open by their first packet. What a caller's opens is up to {@link
 *       PortPolicy} and {@link CallerPolicy}.
 *   <li>Fragments are made whole before anything else looks at them; towards the tailnet what is
 *       larger than its MTU is fragmented again, towards the device nothing ever is.
 *   <li>IPv6 callers reach UDP and ping through a stateful translation (RFC 6146, RFC 7915); the
 *       device always sees them at the bridge's address. Their TCP is refused at once, unless it
 *       takes a path of its own.
 *   <li>The time to live stays as it is: the node <em>is</em> the device, so no router lies between
 *       them.
 *   <li>What comes out is a valid packet with complete checksums. What cannot go on is dropped with
 *       a {@link ForwardDrop}, never with an exception.
 * </ul>
 *
 * <p>Packets are rewritten in their own buffers. Memory is bounded by {@link ForwardLimits}. Not
 * thread-safe: one forwarder and all calls to it belong to one event loop, and the sinks are called
 * from within {@link #fromNode} and {@link #fromDevice}. Time is monotonic nanoseconds, of which
 * only differences count.
 */
public final class DeviceForwarder {

  private final int device;
  private final int deviceMtu;
  private final NodeAddresses node = new NodeAddresses();
  private final Destinations destinations;
  private final Flows flows;
  private final BridgeFaces faces;
  private final Exits exits;
  private final Reassembler fromNodeFragments;
  private final Reassembler fromDeviceFragments;
  private final Inbound inbound;
  private final Outbound outbound;
  private final StandIns ipv6Callers;
  private final Ipv6Inbound ipv6;
  private @Nullable TcpPath tcpPath;
  private @Nullable CallerPolicy callers;

  private long fromNodePackets;
  private long fromNodeBytes;
  private long fromDevicePackets;
  private long fromDeviceBytes;

  /**
   * Makes a forwarder whose node has no address yet.
   *
   * @param toDevice takes IPv4 packets for the device
   * @param toNode takes IPv4 and IPv6 packets for the node, none larger than its MTU
   * @param drops is told of every packet that goes no further
   */
  public DeviceForwarder(
      ForwardSettings settings, PacketSink toDevice, PacketSink toNode, Drops drops) {
    device = Ipv4Addresses.of(settings.device());
    deviceMtu = settings.deviceMtu();
    int bridge = Ipv4Addresses.of(settings.bridge());
    destinations = new Destinations(node, settings.network(), device, bridge);
    flows = new Flows(settings.limits());
    faces = new BridgeFaces(bridge, flows);
    ipv6Callers =
        new StandIns(settings.limits().udpFlows() + settings.limits().pings(), StandIns.RANGE);
    Drops shown = new DropsInOwnFamily(node, ipv6Callers, drops);
    exits = new Exits(settings.tailnetMtu(), toDevice, toNode, shown);
    fromNodeFragments = settings.limits().reassembler(deviceMtu, exits);
    fromDeviceFragments = settings.limits().reassembler(0xffff, exits);
    IcmpErrors errors = new IcmpErrors(flows, node, device, bridge);
    inbound = new Inbound(settings, device, bridge, flows, errors, exits);
    int mtu = settings.tailnetMtu();
    Ipv6Errors ipv6Errors = new Ipv6Errors(mtu, node, ipv6Callers);
    outbound =
        new Outbound(
            mtu,
            destinations,
            flows,
            errors,
            node,
            new DeviceAnswers(bridge, exits),
            new Ipv6Outbound(mtu, node, ipv6Callers, ipv6Errors, exits),
            exits);
    ipv6 =
        new Ipv6Inbound(settings, node, ipv6Callers, fromNodeFragments, ipv6Errors, inbound, exits);
  }

  /** TCP takes this path from now on, and IPv6 callers may take it too. */
  public void divertTcp(TcpPath path) {
    tcpPath = path;
    outbound.divertTcp(path);
  }

  /** Who is shown to the device at the bridge's own tunnel address. */
  public BridgeFaces faces() {
    return faces;
  }

  /** Something listens at the bridge's own tunnel address from now on. */
  public void serve(BridgePorts ports) {
    inbound.serve(ports);
    outbound.serve(ports);
  }

  /**
   * Lets in only those callers whom the policy does, from now on. What has waited for its verdict
   * goes on from within the policy's methods.
   */
  public void judgeCallers(CallerPolicy policy) {
    callers = policy;
    CallerGate gate =
        new CallerGate(
            policy,
            ipv6Callers,
            exits,
            (packet, nowNanos) -> inbound.packet(packet, Ipv4Header.of(packet), nowNanos));
    inbound.judgeCallers(gate);
    ipv6.judgeCallers(gate);
  }

  /** Sends what the other path of TCP has for the device; takes the buffer. */
  public void sendToDevice(ByteBuf packet) {
    exits.toDevice(packet);
  }

  /** Sends what the other path of TCP has for the node; takes the buffer. */
  public void sendToNode(ByteBuf packet) {
    exits.toNode(packet);
  }

  /**
   * Sets the node's addresses, null where there is none now. A different address ends all flows,
   * since the other sides know the device by its old one; having none for a while does not.
   */
  public void nodeAddresses(@Nullable Inet4Address v4, @Nullable Inet6Address v6) {
    if (node.set(v4, v6)) {
      flows.clear();
      ipv6Callers.clear();
      fromNodeFragments.clear();
      if (callers != null) {
        callers.clear();
      }
    }
    if (tcpPath != null) {
      tcpPath.nodeAddress(v4);
    }
  }

  /** Takes one packet that the node received; owns the buffer. */
  public void fromNode(ByteBuf packet, long nowNanos) {
    fromNodePackets++;
    fromNodeBytes += packet.readableBytes();
    if (isIpv6(packet)) {
      if (tcpPath != null && Ipv6Tcp.isAboutTcp(packet, node)) {
        tcpPath.fromNode(packet);
      } else {
        ipv6.packet(packet, nowNanos);
      }
      return;
    }
    ForwardDrop refusal = refusalFromNode(packet);
    if (refusal != null) {
      exits.drop(refusal, packet);
      return;
    }
    ByteBuf whole = whole(packet, fromNodeFragments, nowNanos);
    if (whole == null) {
      return;
    }
    Ipv4Header ip = Ipv4Header.of(whole);
    if (tcpPath != null && isAboutTcp(whole, ip)) {
      tcpPath.fromNode(whole);
    } else {
      inbound.packet(whole, ip, nowNanos);
    }
  }

  /** Takes one packet that the device's tunnel delivered; owns the buffer. */
  public void fromDevice(ByteBuf packet, long nowNanos) {
    fromDevicePackets++;
    fromDeviceBytes += packet.readableBytes();
    ForwardDrop refusal = refusalFromDevice(packet);
    if (refusal != null) {
      exits.drop(refusal, packet);
      return;
    }
    ByteBuf whole = whole(packet, fromDeviceFragments, nowNanos);
    if (whole == null) {
      return;
    }
    Ipv4Header ip = Ipv4Header.of(whole);
    if (tcpPath != null && ip.protocol() == IpProtocol.ICMP && isAboutTcp(whole, ip)) {
      tcpPath.fromDevice(whole);
    } else {
      outbound.packet(whole, ip, nowNanos);
    }
  }

  /** Lets go of idle flows and of datagrams that never became whole; call about once a second. */
  public void expire(long nowNanos) {
    flows.expire(nowNanos);
    ipv6Callers.expire(nowNanos);
    fromNodeFragments.expire(nowNanos);
    fromDeviceFragments.expire(nowNanos);
    if (callers != null) {
      callers.expire(nowNanos);
    }
  }

  /** Lets go of everything that is held, before the forwarder is given up. */
  public void close() {
    flows.clear();
    ipv6Callers.clear();
    fromNodeFragments.clear();
    fromDeviceFragments.clear();
    if (callers != null) {
      callers.clear();
    }
  }

  /** Counts and table sizes at this moment. */
  public ForwardStats stats() {
    return new ForwardStats(
        fromNodePackets,
        fromNodeBytes,
        exits.toDevicePackets(),
        exits.toDeviceBytes(),
        fromDevicePackets,
        fromDeviceBytes,
        exits.toNodePackets(),
        exits.toNodeBytes(),
        flows.tcp.size(),
        flows.udp.size(),
        flows.pings(),
        flows.givenUp(),
        fromNodeFragments.size() + fromDeviceFragments.size());
  }

  private @Nullable ForwardDrop refusalFromNode(ByteBuf packet) {
    ForwardDrop fault = Admission.headerFault(packet);
    if (fault != null) {
      return fault;
    }
    Ipv4Header ip = Ipv4Header.of(packet);
    if (!node.isKnown()) {
      return ForwardDrop.NO_NODE;
    }
    if (!node.is(ip.destination())) {
      return ForwardDrop.OTHER_DESTINATION;
    }
    if (!destinations.canCall(ip.source())) {
      return ForwardDrop.FORGED_SOURCE;
    }
    return packet.readableBytes() > deviceMtu ? ForwardDrop.TOO_BIG_FOR_DEVICE : null;
  }

  private @Nullable ForwardDrop refusalFromDevice(ByteBuf packet) {
    if (isIpv6(packet)) {
      return ForwardDrop.IPV6_FROM_DEVICE;
    }
    ForwardDrop fault = Admission.headerFault(packet);
    if (fault != null) {
      return fault;
    }
    return Ipv4Header.of(packet).source() == device ? null : ForwardDrop.FORGED_SOURCE;
  }

  /** The whole packet with a checked payload, or null if it is held for more or was dropped. */
  private @Nullable ByteBuf whole(ByteBuf packet, Reassembler fragments, long nowNanos) {
    Ipv4Header ip = Ipv4Header.of(packet);
    ByteBuf whole = ip.isFragment() ? fragments.add(packet, ip, nowNanos) : packet;
    if (whole == null) {
      return null;
    }
    ForwardDrop fault = Admission.payloadFault(whole, Ipv4Header.of(whole), tcpPath != null);
    if (fault != null) {
      exits.drop(fault, whole);
      return null;
    }
    return whole;
  }

  /** Whether a checked packet is TCP, or an error about TCP. */
  private static boolean isAboutTcp(ByteBuf packet, Ipv4Header ip) {
    if (ip.protocol() != IpProtocol.ICMP) {
      return ip.protocol() == IpProtocol.TCP;
    }
    IcmpHeader icmp = IcmpHeader.of(packet, ip);
    return IcmpErrors.isForwarded(icmp) && QuotedPacket.isTcp(packet, icmp);
  }

  private static boolean isIpv6(ByteBuf packet) {
    return packet.isReadable() && packet.getUnsignedByte(packet.readerIndex()) >>> 4 == 6;
  }
}
