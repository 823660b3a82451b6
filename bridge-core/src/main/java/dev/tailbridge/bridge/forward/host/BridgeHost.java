package dev.tailbridge.bridge.forward.host;

import dev.tailbridge.bridge.forward.BridgeFaces;
import dev.tailbridge.bridge.forward.BridgePorts;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.buffer.ByteBuf;
import java.net.Inet4Address;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bridge's tunnel address as one device sees it: a machine with a few open ports. All that
 * listens there does so here: the services from the start, gateway rules as they come and go.
 *
 * <ul>
 *   <li>Only what goes to an open port, and is of no caller's flow, comes here. Ping and refusals
 *       are the forwarder's.
 *   <li>Its stack exists from the first such packet, or the first rule, on: many devices never send
 *       one.
 *   <li>What a batch of packets brings about leaves with {@link #batchComplete}.
 *   <li>Everything is on the device's event loop.
 * </ul>
 */
public final class BridgeHost implements BridgePorts {

  /** Ports of one device that callers are shown with are far fewer than this. */
  private static final int MOST_TRIES = 4096;

  private final Inet4Address bridge;
  private final Inet4Address device;
  private final PacketLink link;
  private final StackConfig config;
  private final List<TunnelService> services;
  private final RefusedQuestions refused;
  private final BridgeFaces faces;

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
   * @param faces with which callers are shown at this address
   * @throws IllegalStateException when two services want one port
   */
  public BridgeHost(
      Inet4Address bridge,
      Inet4Address device,
      PacketLink link,
      StackConfig config,
      List<TunnelService> services,
      RefusedQuestions refused,
      BridgeFaces faces) {
    this.bridge = bridge;
    this.device = device;
    this.link = link;
    this.config = config;
    this.services = List.copyOf(services);
    this.refused = refused;
    this.faces = faces;
    for (TunnelService service : services) {
      take(tcp, service.tcpPorts());
      take(udp, service.udpPorts());
    }
  }

  private static void take(BitSet taken, Set<Integer> ports) {
    for (int port : ports) {
      take(taken, port);
    }
  }

  private static void take(BitSet taken, int port) {
    if (taken.get(port)) {
      throw new IllegalStateException("port " + port + " of the bridge's tunnel address is taken");
    }
    taken.set(port);
  }

  /**
   * Offers the device's calls of a TCP port.
   *
   * @throws IllegalStateException when something listens there
   */
  public void listen(int port, Consumer<PendingConnection> listener) {
    take(tcp, port);
    stack().listen(port, listener);
  }

  /** Ends the listening. Connections to the port hear nothing more: who ends it resets them. */
  public void unlisten(int port) {
    tcp.clear(port);
    stack().unlisten(port);
  }

  /**
   * Opens a UDP port; callers of the tailnet that were shown with it are not any more.
   *
   * @throws IllegalStateException when something listens there
   */
  public UdpEndpoint bindUdp(int port, UdpListener listener) {
    take(udp, port);
    faces.free(port);
    return stack().bindUdp(port, listener);
  }

  /**
   * Opens a free UDP port, from which that port of the device may be called: no caller is shown to
   * it so.
   */
  public UdpEndpoint bindFreeUdp(int devicePort, UdpListener listener) {
    for (int tried = 0; tried < MOST_TRIES; tried++) {
      UdpEndpoint endpoint = stack().bindUdp(0, listener);
      if (!faces.isTaken(endpoint.port(), devicePort)) {
        udp.set(endpoint.port());
        return endpoint;
      }
      endpoint.close();
    }
    throw new IllegalStateException("no UDP port of the bridge's tunnel address is free");
  }

  /** Closes a UDP port. */
  public void unbindUdp(UdpEndpoint endpoint) {
    udp.clear(endpoint.port());
    endpoint.close();
  }

  /** Whose connections are those of callers of {@link #listen}. */
  public Stack stack() {
    Stack made = stack;
    if (made == null) {
      made = new Stack(link, List.of(bridge), config);
      stack = made;
      for (TunnelService service : services) {
        service.start(made, refused);
      }
    }
    return made;
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
    return stack != null && stack.hasConnection(bridge, port, device, devicePort);
  }

  @Override
  public void packet(ByteBuf packet) {
    if (closed) {
      packet.release();
      return;
    }
    busy = true;
    stack().packet(packet);
  }

  /** Sends what the packets since the last time brought about. */
  public void batchComplete() {
    if (busy && stack != null) {
      busy = false;
      stack.batchComplete();
    }
  }

  /** The device can be reached again, or has restarted: it is asked about its connections. */
  public void sessionBegan() {
    if (stack != null) {
      stack.sessionBegan();
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
