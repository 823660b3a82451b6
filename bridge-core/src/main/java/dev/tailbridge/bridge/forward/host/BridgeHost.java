package dev.tailbridge.bridge.forward.host;

import dev.tailbridge.bridge.forward.BridgePorts;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import io.netty.buffer.ByteBuf;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The bridge's tunnel address as one device sees it: a machine with a few open ports.
 *
 * <ul>
 *   <li>Only what goes to an open port, and is of no caller's flow, comes here. Ping and refusals
 *       are the forwarder's.
 *   <li>Its stack exists from the first such packet on: many devices never send one.
 *   <li>What a batch of packets brings about leaves with {@link #batchComplete}.
 * </ul>
 */
public final class BridgeHost implements BridgePorts {

  private final Inet4Address bridge;
  private final Inet4Address device;
  private final PacketLink link;
  private final StackConfig config;
  private final List<TunnelService> services;
  private final RefusedQuestions refused;

  // Asked about each segment of a device to the bridge's address, answers to callers included.
  private final BitSet tcp = new BitSet();
  private final BitSet udp = new BitSet();

  private @Nullable Stack stack;
  private boolean busy;
  private boolean closed;

  /**
   * A machine that has done nothing yet.
   *
   * @param link to the device
   * @param refused is told of questions that get no answer
   * @throws IllegalArgumentException when two services want one port
   */
  public BridgeHost(
      Inet4Address bridge,
      Inet4Address device,
      PacketLink link,
      StackConfig config,
      List<TunnelService> services,
      RefusedQuestions refused) {
    this.bridge = bridge;
    this.device = device;
    this.link = link;
    this.config = config;
    this.services = List.copyOf(services);
    this.refused = refused;
    for (TunnelService service : services) {
      take(tcp, service.tcpPorts());
      take(udp, service.udpPorts());
    }
  }

  private static void take(BitSet taken, Set<Integer> ports) {
    for (int port : ports) {
      if (taken.get(port)) {
        throw new IllegalArgumentException("two services listen at port " + port);
      }
      taken.set(port);
    }
  }

  @Override
  public boolean isOpen(int protocol, int port) {
    return switch (protocol) {
      case IpProtocol.TCP -> tcp.get(port);
      case IpProtocol.UDP -> udp.get(port);
      default -> false;
    };
  }

  @Override
  public boolean isConnected(int port, int devicePort) {
    return stack != null
        && stack.hasConnection(
            new InetSocketAddress(bridge, port), new InetSocketAddress(device, devicePort));
  }

  @Override
  public void packet(ByteBuf packet) {
    if (closed) {
      packet.release();
      return;
    }
    Stack to = stack;
    if (to == null) {
      to = new Stack(link, List.of(bridge), config);
      stack = to;
      for (TunnelService service : services) {
        service.start(to, refused);
      }
    }
    busy = true;
    to.packet(packet);
  }

  /** Sends what the packets since the last time brought about. */
  public void batchComplete() {
    if (busy && stack != null) {
      busy = false;
      stack.batchComplete();
    }
  }

  /** Resets connections and closes all ports; nothing is taken any more. */
  public void close() {
    closed = true;
    if (stack != null) {
      services.forEach(TunnelService::stop);
      stack.close();
    }
  }
}
