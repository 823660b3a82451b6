package dev.tailbridge.bridge;

import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.bridge.forward.splice.Splices;
import dev.tailbridge.bridge.gateway.Tunnel;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** A device's tunnel, in which the bridge has its tunnel address. */
final class DeviceTunnel implements Tunnel {

  private final Device device;
  private final BridgeHost host;
  private final Inet4Address bridge;

  /**
   * @param host the bridge's own tunnel address as the device sees it
   * @param bridge that address
   */
  DeviceTunnel(Device device, BridgeHost host, Inet4Address bridge) {
    this.device = device;
    this.host = host;
    this.bridge = bridge;
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public long lastHandshakeEpochMillis() {
    return device.peer().status().lastHandshakeEpochMillis();
  }

  @Override
  public EventLoop eventLoop() {
    return device.peer().eventLoop();
  }

  @Override
  public Stack calls() {
    Splices splices = device.splices();
    if (splices == null) {
      throw new IllegalStateException("its TCP is routed");
    }
    return splices.deviceSide();
  }

  @Override
  public InetAddress ownAddress(InetAddress called) {
    return bridge;
  }

  @Override
  public Stack own() {
    return host.stack();
  }

  @Override
  public void listen(int port, Consumer<PendingConnection> listener) {
    host.listen(port, listener);
  }

  @Override
  public void unlisten(int port) {
    host.unlisten(port);
  }

  @Override
  public UdpEndpoint bindUdp(int port, UdpListener listener) {
    return host.bindUdp(port, listener);
  }

  @Override
  public UdpEndpoint bindUdp(InetSocketAddress target, UdpListener listener) {
    return host.bindFreeUdp(target.getPort(), listener);
  }

  @Override
  public void unbindUdp(UdpEndpoint endpoint) {
    host.unbindUdp(endpoint);
  }
}
