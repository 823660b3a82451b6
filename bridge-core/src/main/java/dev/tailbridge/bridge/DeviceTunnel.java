package dev.tailbridge.bridge;

import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.forward.splice.Splices;
import dev.tailbridge.bridge.gateway.Tunnel;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.function.Consumer;

/** A device's tunnel, in which the bridge has its tunnel address. */
final class DeviceTunnel implements Tunnel {

  private final Device device;
  private final Splices splices;
  private final Inet4Address bridge;

  /**
   * @param splices the device's
   * @param bridge the bridge's own tunnel address
   */
  DeviceTunnel(Device device, Splices splices, Inet4Address bridge) {
    this.device = device;
    this.splices = splices;
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
  public Stack stack() {
    return splices.deviceSide();
  }

  @Override
  public InetAddress ownAddress(InetAddress called) {
    return bridge;
  }

  @Override
  public void listen(int port, Consumer<PendingConnection> listener) {
    splices.listenAtBridge(port, listener);
  }

  @Override
  public void unlisten(int port) {
    splices.unlistenAtBridge(port);
  }
}
