package dev.tailbridge.bridge.forward.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.CallerPolicy;
import dev.tailbridge.bridge.forward.DeviceForwarder;
import dev.tailbridge.bridge.forward.ForwardDrop;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.bridge.forward.PortPolicy;
import dev.tailbridge.bridge.forward.host.BridgeHost;
import dev.tailbridge.bridge.forward.host.TunnelService;
import dev.tailbridge.ip.Ipv4Prefix;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.tcp.TcpConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A bridge for one device between two simulated wires, in virtual time: the real forwarder and the
 * real splice, and at the far ends a caller with all of modern TCP and a device with a chip's.
 */
final class SpliceBench {

  static final Inet4Address DEVICE = v4("10.6.0.2");
  static final Inet4Address BRIDGE = v4("10.6.0.1");
  static final Inet4Address NODE = v4("100.64.0.3");
  static final Inet6Address NODE6 = v6("fd7a:115c:a1e0::3");
  static final Inet4Address CALLER = v4("100.64.0.7");
  static final Inet6Address CALLER6 = v6("fd7a:115c:a1e0::7");

  final VirtualLoop time = new VirtualLoop();
  final SimulatedLink tailnet;
  final SimulatedLink tunnel;
  final Stack caller;
  final Stack device;
  final @Nullable Splices splices;
  final BridgeHost host;
  final DeviceForwarder forwarder;
  final List<ForwardDrop> drops = new ArrayList<>();

  /** What a test may want otherwise. */
  static final class Setup {
    boolean spliced = true;
    boolean showsCallers;
    int maxConnections = 1024;
    PortPolicy ports = PortPolicy.OPEN;
    @Nullable CallerPolicy callers;
    Duration hold = Duration.ofSeconds(10);
    Duration tailnetDelay = Duration.ofMillis(10);
    Duration tunnelDelay = Duration.ofMillis(5);
    double tunnelLoss;
    long seed = 1;
    Duration deviceKeepAlive = Duration.ofSeconds(30);
    List<TunnelService> services = List.of();

    SpliceBench start() {
      return new SpliceBench(this);
    }
  }

  private SpliceBench(Setup setup) {
    tailnet = new SimulatedLink(time.eventLoop(), 1280, setup.tailnetDelay, 0, setup.seed);
    tunnel =
        new SimulatedLink(
            time.eventLoop(), 1420, setup.tunnelDelay, setup.tunnelLoss, setup.seed + 1);
    caller =
        new Stack(tailnet.far, List.of(CALLER, CALLER6), stacks(wan(false), wan(true))).start();
    device = new Stack(tunnel.far, List.of(DEVICE), stacks(chip(), chip())).start();
    forwarder =
        new DeviceForwarder(
            settings(setup), tunnel.near::write, tailnet.near::write, this::dropped);
    splices = setup.spliced ? splices(setup) : null;
    if (splices != null) {
      forwarder.divertTcp(splices);
    }
    host =
        new BridgeHost(
            BRIDGE,
            DEVICE,
            new StackLink(
                time.eventLoop(), 1420, forwarder::sendToDevice, tunnel.near::flush, () -> true),
            stacks(chip(), chip()),
            setup.services,
            (reason, asker, asked) -> drops.add(reason),
            forwarder.faces());
    forwarder.serve(host);
    forwarder.nodeAddresses(NODE, NODE6);
    if (setup.callers != null) {
      forwarder.judgeCallers(setup.callers);
      if (splices != null) {
        splices.judgeCallers(setup.callers);
      }
    }
    tailnet.near.receiver(new Inflow(forwarder::fromNode));
    tunnel.near.receiver(new Inflow(forwarder::fromDevice));
  }

  private Splices splices(Setup setup) {
    TcpConfig device =
        TcpConfig.device(1420, /* ipv6= */ false).toBuilder()
            .keepAlive(setup.deviceKeepAlive.toNanos())
            .build();
    return new Splices(
        new SpliceSettings(
            DEVICE,
            BRIDGE,
            setup.showsCallers,
            setup.maxConnections,
            setup.ports.tcp(),
            setup.hold,
            1420,
            1280,
            StackConfig.builder(device, device)
                .quietTime(Duration.ofMinutes(2))
                .clock(time::nanoTime)
                .build(),
            stacks(wan(false), wan(true))),
        new StackLink(
            time.eventLoop(), 1420, forwarder::sendToDevice, tunnel.near::flush, () -> true),
        new StackLink(
            time.eventLoop(), 1280, forwarder::sendToNode, tailnet.near::flush, () -> true),
        (reason, from, to) -> drops.add(reason),
        time::nanoTime);
  }

  private static ForwardSettings settings(Setup setup) {
    return ForwardSettings.of(
            DEVICE,
            BRIDGE,
            Ipv4Prefix.around(BRIDGE, 24),
            setup.showsCallers ? ForwardSettings.Source.CLIENT : ForwardSettings.Source.GATEWAY)
        .withPorts(setup.ports);
  }

  private StackConfig stacks(TcpConfig ipv4, TcpConfig ipv6) {
    return StackConfig.builder(ipv4, ipv6).clock(time::nanoTime).build();
  }

  private static TcpConfig wan(boolean ipv6) {
    return TcpConfig.wan(1280, ipv6).toBuilder().nagle(false).build();
  }

  /** What ESP-IDF makes of lwIP: a window of four segments, and none of the options. */
  private static TcpConfig chip() {
    return TcpConfig.device(1420, /* ipv6= */ false).toBuilder()
        .buffers(5744, 5744)
        .options(/* scaling= */ false, /* stamps= */ false, /* selective= */ false)
        .delayedAck(Duration.ofMillis(250).toNanos())
        .build();
  }

  private void dropped(ForwardDrop reason, ByteBuf packet) {
    drops.add(reason);
  }

  /** A packet of somebody in the tailnet, made by hand. */
  void fromCaller(TestPacket packet) {
    forwarder.fromNode(
        TestPacket.buffer(UnpooledByteBufAllocator.DEFAULT, packet.bytes()), time.nanoTime());
    Objects.requireNonNull(splices).batchComplete();
  }

  /** The device is another boot of itself: it knows nothing of its connections. */
  Stack rebootDevice() {
    device.close();
    return new Stack(tunnel.far, List.of(DEVICE), stacks(chip(), chip())).start();
  }

  SpliceStats stats() {
    return Objects.requireNonNull(splices).stats();
  }

  /** Ends everything and looks for what was left behind. */
  void close() {
    if (splices != null) {
      splices.close();
    }
    host.close();
    caller.close();
    device.close();
    time.pass(Duration.ofSeconds(1));
    forwarder.close();
  }

  private final class Inflow implements PacketReceiver {
    private final ObjLongConsumer<ByteBuf> to;

    Inflow(ObjLongConsumer<ByteBuf> to) {
      this.to = to;
    }

    @Override
    public void packet(ByteBuf packet) {
      to.accept(packet, time.nanoTime());
    }

    @Override
    public void batchComplete() {
      host.batchComplete();
      if (splices != null) {
        splices.batchComplete();
      }
    }
  }

  private static Inet4Address v4(String text) {
    return (Inet4Address) address(text);
  }

  private static Inet6Address v6(String text) {
    return (Inet6Address) address(text);
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  void assertNothingOpen() {
    assertThat(stats().open() + stats().dialing() + stats().waiting()).isZero();
  }
}
