package dev.tailbridge.bridge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The callers of one ingress rule in the tunnel that leads to its target, on its event loop. */
final class UdpIngressPort {

  private final Tunnel tunnel;
  private final DatagramChannel socket;
  private final InetSocketAddress target;
  private final Traffic traffic;
  private final RuleLog log;
  private final int most;
  private final UdpFlows<UdpIngressFlow> flows;
  private boolean closed;

  /**
   * @param socket where callers are heard, and answered
   */
  UdpIngressPort(
      Tunnel tunnel,
      DatagramChannel socket,
      InetSocketAddress target,
      GatewayLimits limits,
      Traffic traffic,
      RuleLog log) {
    this.tunnel = tunnel;
    this.socket = socket;
    this.target = target;
    this.traffic = traffic;
    this.log = log;
    this.most = limits.connections();
    this.flows = new UdpFlows<>(tunnel.eventLoop(), limits.idle(), traffic, System::nanoTime);
  }

  Tunnel tunnel() {
    return tunnel;
  }

  /** Takes what callers sent; the packets are its own. */
  void take(List<DatagramPacket> packets) {
    for (DatagramPacket packet : packets) {
      UdpIngressFlow flow = closed ? null : flow(packet.sender());
      if (flow == null) {
        packet.release();
      } else {
        send(flow, packet.content());
      }
    }
  }

  private @Nullable UdpIngressFlow flow(InetSocketAddress caller) {
    UdpIngressFlow flow = flows.heard(caller);
    if (flow != null) {
      return flow;
    }
    if (!flows.makeRoom()) {
      log.full(caller, most);
      return null;
    }
    try {
      UdpIngressFlow opened = new UdpIngressFlow(this, tunnel, target, caller);
      flows.add(opened);
      traffic.joined();
      return opened;
    } catch (IllegalStateException e) {
      traffic.failed();
      traffic.end();
      log.failed(caller, e);
      return null;
    }
  }

  private void send(UdpIngressFlow flow, ByteBuf data) {
    if (data.readableBytes() > flow.maxData()) {
      traffic.dropped(1);
      log.tooBig(flow.caller, data.readableBytes());
      data.release();
      return;
    }
    traffic.count(/* towardsTarget= */ true, data.readableBytes());
    flow.send(data);
  }

  /** Passes on what the machine said, with the next {@link #flush}; takes the buffer. */
  @SuppressWarnings("FutureReturnValueIgnored") // What fails is told to the socket's handler.
  void answer(UdpIngressFlow flow, ByteBuf data) {
    if (!socket.isWritable()) {
      traffic.dropped(1);
      data.release();
      return;
    }
    traffic.count(/* towardsTarget= */ false, data.readableBytes());
    socket.write(new DatagramPacket(data, flow.caller), socket.voidPromise());
  }

  void flush() {
    socket.flush();
  }

  /** Somebody other than the machine has called one of our ports. */
  void stranger() {
    traffic.dropped(1);
  }

  /**
   * The machine does not listen. Nobody can tell the caller: this host answers for a port of its
   * own only when nothing listens there.
   */
  void refused(UdpIngressFlow flow) {
    traffic.failed();
    log.failed(flow.caller, new ConnectException("the target's port is closed"));
    flows.end(flow);
  }

  /** Ends all flows. */
  void close() {
    closed = true;
    flows.endAll();
  }
}
