package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The UDP port of one egress rule in one tunnel, on the tunnel's event loop.
 *
 * <p>A host that refuses is a port that refuses; with that the caller's flow ends, and its next
 * datagram begins another, for which the host's name is looked up again.
 */
final class UdpEgressPort implements UdpListener {

  private final Tunnel tunnel;
  private final UdpTarget target;
  private final Traffic traffic;
  private final RuleLog log;
  private final int most;
  private final UdpFlows<UdpEgressFlow> flows;
  private final UdpEndpoint endpoint;

  /** Those that have datagrams of this batch to send. */
  private final Set<UdpEgressFlow> busy = new LinkedHashSet<>();

  /**
   * @throws IllegalStateException when somebody listens at the port
   */
  UdpEgressPort(
      Tunnel tunnel,
      int port,
      UdpTarget target,
      GatewayLimits limits,
      Traffic traffic,
      RuleLog log) {
    this.tunnel = tunnel;
    this.target = target;
    this.traffic = traffic;
    this.log = log;
    this.most = limits.connections();
    this.flows = new UdpFlows<>(tunnel.eventLoop(), limits.idle(), traffic, System::nanoTime);
    this.endpoint = tunnel.bindUdp(port, this);
  }

  @Override
  public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
    UdpEgressFlow flow = flows.heard(remote);
    if (flow == null) {
      flow = open(local, remote);
    }
    if (flow == null) {
      data.release();
      return;
    }
    traffic.count(/* towardsTarget= */ true, data.readableBytes());
    flow.send(data);
    busy.add(flow);
  }

  private @Nullable UdpEgressFlow open(InetSocketAddress local, InetSocketAddress caller) {
    if (!flows.makeRoom()) {
      log.full(caller, most);
      endpoint.refuse(local.getAddress(), caller);
      return null;
    }
    UdpEgressFlow flow = new UdpEgressFlow(this, local.getAddress(), caller);
    flows.add(flow);
    target
        .socket(flow.handler(), tunnel.eventLoop())
        .addListener(
            (Future<DatagramChannel> made) -> {
              if (made.isSuccess()) {
                traffic.joined();
                flow.connected(made.getNow());
              } else {
                refuse(flow, made.cause());
              }
            });
    return flow;
  }

  @Override
  public void batchComplete() {
    busy.forEach(UdpEgressFlow::flush);
    busy.clear();
  }

  /** The caller has closed its port. */
  @Override
  public void unreachable(InetSocketAddress local, InetSocketAddress remote) {
    UdpEgressFlow flow = flows.heard(remote);
    if (flow != null) {
      flows.end(flow);
    }
  }

  /** Takes what the host sent. */
  void answer(UdpEgressFlow flow, ByteBuf data) {
    if (data.readableBytes() > endpoint.maxData(flow.caller.getAddress())) {
      traffic.dropped(1);
      log.tooBig(flow.caller, data.readableBytes());
      data.release();
      return;
    }
    traffic.count(/* towardsTarget= */ false, data.readableBytes());
    endpoint.send(data, flow.local, flow.caller);
  }

  /** Counts what waited for too long, or for too much. */
  void dropped(int datagrams) {
    traffic.dropped(datagrams);
  }

  /** The host is not there, or does not listen. */
  void refuse(UdpEgressFlow flow, Throwable why) {
    if (!flow.isClosed()) {
      traffic.failed();
      log.failed(flow.caller, why);
      endpoint.refuse(flow.local, flow.caller);
      flows.end(flow);
    }
  }

  /** Ends all flows and closes the port. */
  void close() {
    busy.clear();
    flows.endAll();
    tunnel.unbindUdp(endpoint);
  }
}
