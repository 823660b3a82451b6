package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A UDP port of the machine in the tunnel: what came to it, and from where. */
final class MachinePort implements UdpListener {

  /**
   * A datagram.
   *
   * @param text its data
   */
  record Heard(String text, InetSocketAddress from) {}

  private final GatewayRig rig;
  private final UdpEndpoint endpoint;
  final List<Heard> heard = new CopyOnWriteArrayList<>();

  /** Who was said not to listen. */
  final List<InetSocketAddress> unreachable = new CopyOnWriteArrayList<>();

  /**
   * @param port 0 for a free one
   */
  MachinePort(GatewayRig rig, int port) throws Exception {
    this.rig = rig;
    this.endpoint = rig.loop().submit(() -> rig.machine().bindUdp(port, this)).get();
  }

  void send(String text, InetSocketAddress to) throws Exception {
    send(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8), to);
  }

  void send(ByteBuf data, InetSocketAddress to) throws Exception {
    rig.loop().submit(() -> endpoint.send(data, GatewayRig.MACHINE, to)).get();
  }

  void close() throws Exception {
    rig.loop().submit(endpoint::close).get();
  }

  List<String> texts() {
    return heard.stream().map(Heard::text).toList();
  }

  @Override
  public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
    heard.add(new Heard(data.toString(StandardCharsets.UTF_8), remote));
    data.release();
  }

  @Override
  public void unreachable(InetSocketAddress local, InetSocketAddress remote) {
    unreachable.add(remote);
  }
}
