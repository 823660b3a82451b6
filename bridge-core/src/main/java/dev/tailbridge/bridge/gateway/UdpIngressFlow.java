package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** One caller of this host, and the port of our address in the tunnel that stands for it. */
final class UdpIngressFlow extends UdpFlow implements UdpListener {

  private final UdpIngressPort port;
  private final Tunnel tunnel;
  private final InetSocketAddress target;
  private final InetAddress own;
  private final UdpEndpoint endpoint;

  /**
   * @throws IllegalStateException when there is no port or address to call from
   */
  UdpIngressFlow(
      UdpIngressPort port, Tunnel tunnel, InetSocketAddress target, InetSocketAddress caller) {
    super(caller);
    this.port = port;
    this.tunnel = tunnel;
    this.target = target;
    this.own = tunnel.ownAddress(target.getAddress());
    this.endpoint = tunnel.bindUdp(target, this);
  }

  int maxData() {
    return endpoint.maxData(target.getAddress());
  }

  /** Takes the buffer. */
  void send(ByteBuf data) {
    endpoint.send(data, own, target);
  }

  @Override
  public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
    if (remote.equals(target)) {
      port.answer(this, data);
    } else {
      port.stranger();
      data.release();
    }
  }

  @Override
  public void batchComplete() {
    port.flush();
  }

  @Override
  public void unreachable(InetSocketAddress local, InetSocketAddress remote) {
    if (remote.equals(target)) {
      port.refused(this);
    }
  }

  @Override
  void close() {
    tunnel.unbindUdp(endpoint);
  }
}
