package dev.tailbridge.bridge.service;

import dev.tailbridge.bridge.forward.BridgeFaces;
import dev.tailbridge.bridge.forward.DeviceForwarder;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.bridge.forward.ForwardSettings.Source;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.ip.Ipv4Prefix;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.netstack.StackConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A service at the bridge's address, asked by a device packet by packet, in virtual time. */
final class ServiceBench implements AutoCloseable {

  static final String BRIDGE = "10.6.0.1";
  static final String DEVICE = "10.6.0.2";

  private final EmbeddedChannel owner = new EmbeddedChannel();
  private final List<SeenPacket> sent = new ArrayList<>();
  private final BridgeHost host;
  final List<ForwardDrop> refused = new ArrayList<>();
  long nowNanos = 1_000_000_000L;

  ServiceBench(Function<EventLoop, TunnelService> service) {
    owner.freezeTime();
    host =
        new BridgeHost(
            address(BRIDGE),
            address(DEVICE),
            new Link(),
            StackConfig.device(1420),
            List.of(service.apply(owner.eventLoop())),
            (reason, asker, asked) -> refused.add(reason),
            faces());
  }

  /** No caller is shown to the device. */
  static BridgeFaces faces() {
    Inet4Address bridge = address(BRIDGE);
    return new DeviceForwarder(
            ForwardSettings.of(
                address(DEVICE), bridge, Ipv4Prefix.around(bridge, 24), Source.GATEWAY),
            ByteBuf::release,
            ByteBuf::release,
            (reason, packet) -> {})
        .faces();
  }

  static Inet4Address address(String text) {
    try {
      return (Inet4Address)
          InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** A datagram of the device, and what came back by then. */
  List<byte[]> ask(int fromPort, int port, byte[] data) {
    byte[] packet = TestPacket.udp(DEVICE, fromPort, BRIDGE, port, data).bytes();
    host.packet(TestPacket.buffer(UnpooledByteBufAllocator.DEFAULT, packet));
    host.batchComplete();
    return answers();
  }

  /** The data of datagrams to the device since this was last asked. */
  List<byte[]> answers() {
    owner.runPendingTasks();
    List<byte[]> data =
        sent.stream()
            .map(SeenPacket::payload)
            .map(payload -> Arrays.copyOfRange(payload, 8, payload.length))
            .toList();
    sent.clear();
    return data;
  }

  void pass(Duration time) {
    nowNanos += time.toNanos();
    owner.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    owner.runScheduledPendingTasks();
    owner.runPendingTasks();
  }

  @Override
  public void close() {
    host.close();
    owner.finishAndReleaseAll();
  }

  private final class Link implements PacketLink {
    @Override
    public EventLoop eventLoop() {
      return owner.eventLoop();
    }

    @Override
    public int mtu() {
      return 1420;
    }

    @Override
    public void write(ByteBuf packet) {
      sent.add(SeenPacket.take(packet));
    }

    @Override
    public void flush() {}

    @Override
    public void receiver(PacketReceiver receiver) {
      throw new UnsupportedOperationException();
    }
  }
}
