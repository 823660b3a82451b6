package dev.tailbridge.bridge.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.Ipv4Prefix;
import dev.tailbridge.ip.PacketText;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.ip.TestPacket6;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One forwarder with its two sinks in plain sight. Every emitted packet is verified; closing it
 * asserts that no buffer was leaked, those in tables included.
 */
final class ForwardBench implements AutoCloseable {

  static final String DEVICE = "10.6.0.2";
  static final String BRIDGE = "10.6.0.1";
  static final String NODE = "100.64.0.3";
  static final String CALLER = "100.64.0.7";
  static final String OTHER = "100.64.0.8";

  /** The node's address in IPv6, and two callers'. */
  static final String NODE6 = "fd7a:115c:a1e0::3";

  static final String CALLER6 = "fd7a:115c:a1e0::7";
  static final String OTHER6 = "fd7a:115c:a1e0::8";

  final DeviceForwarder forwarder;
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

  /** Starts near the top, where a comparison without subtraction goes wrong. */
  long now = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos();

  private final List<SeenPacket> toDevice = new ArrayList<>();
  private final List<SeenPacket> toNode = new ArrayList<>();
  private final List<ForwardDrop> drops = new ArrayList<>();
  private String lastDropped = "";

  ForwardBench(ForwardSettings.Source source) {
    this(settings(source, ForwardLimits.DEFAULT));
  }

  ForwardBench(ForwardSettings settings) {
    forwarder =
        new DeviceForwarder(
            settings,
            packet -> toDevice.add(SeenPacket.take(packet)),
            packet -> toNode.add(SeenPacket.take(packet)),
            (reason, packet) -> {
              assertThat(packet.refCnt()).isPositive();
              drops.add(reason);
              lastDropped = PacketText.describe(packet);
            });
    forwarder.nodeAddresses(v4(NODE), v6(NODE6));
  }

  static ForwardSettings settings(ForwardSettings.Source source, ForwardLimits limits) {
    return new ForwardSettings(
        v4(DEVICE),
        v4(BRIDGE),
        Ipv4Prefix.around(v4(BRIDGE), 24),
        source,
        1420,
        1280,
        limits,
        PortPolicy.OPEN);
  }

  ForwardBench fromNode(TestPacket packet) {
    return fromNode(packet.bytes());
  }

  ForwardBench fromNode(TestPacket6 packet) {
    return fromNode(packet.bytes());
  }

  ForwardBench fromNode(byte[] packet) {
    forwarder.fromNode(buffer(packet), now);
    return this;
  }

  ForwardBench fromDevice(TestPacket packet) {
    return fromDevice(packet.bytes());
  }

  ForwardBench fromDevice(byte[] packet) {
    forwarder.fromDevice(buffer(packet), now);
    return this;
  }

  private ByteBuf buffer(byte[] packet) {
    return TestPacket.buffer(allocator, packet);
  }

  ForwardBench pass(Duration time) {
    now += time.toNanos();
    forwarder.expire(now);
    return this;
  }

  /** What went to the device since this was last asked. */
  List<SeenPacket> toDevice() {
    return drain(toDevice);
  }

  /** What went to the node since this was last asked. */
  List<SeenPacket> toNode() {
    return drain(toNode);
  }

  /** What was dropped since this was last asked. */
  List<ForwardDrop> drops() {
    return drain(drops);
  }

  /** How the packet that was dropped last is told of. */
  String lastDropped() {
    return lastDropped;
  }

  /** The only packet to the device, nothing else having happened. */
  SeenPacket onlyToDevice() {
    assertThat(toNode).isEmpty();
    assertThat(drops).isEmpty();
    assertThat(toDevice).hasSize(1);
    return toDevice().get(0);
  }

  /** The only packet to the node, nothing else having happened. */
  SeenPacket onlyToNode() {
    assertThat(toDevice).isEmpty();
    assertThat(drops).isEmpty();
    assertThat(toNode).hasSize(1);
    return toNode().get(0);
  }

  /** Asserts that one packet was dropped for this reason and nothing was sent. */
  void onlyDropped(ForwardDrop reason) {
    assertThat(drops()).containsExactly(reason);
    assertThat(toDevice).isEmpty();
    assertThat(toNode).isEmpty();
  }

  private static <T> List<T> drain(List<T> list) {
    List<T> copy = List.copyOf(list);
    list.clear();
    return copy;
  }

  @Override
  public void close() {
    forwarder.close();
    assertThat(allocator.metric().usedHeapMemory()).as("bytes in leaked buffers").isZero();
    assertThat(allocator.metric().usedDirectMemory()).as("bytes in leaked buffers").isZero();
  }

  static Inet4Address v4(String address) {
    return (Inet4Address) address(address);
  }

  static Inet6Address v6(String address) {
    return (Inet6Address) address(address);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
