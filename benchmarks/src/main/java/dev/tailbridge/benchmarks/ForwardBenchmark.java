package dev.tailbridge.benchmarks;

import dev.tailbridge.bridge.forward.DeviceForwarder;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.ip.Ipv4Addresses;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv4Prefix;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.Inet4Address;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a packet of a routed TCP connection costs in the bridge: checks, the flow's entry, new
 * addresses and port (NAPT), checksums brought up to date.
 *
 * <p>Its headers are written anew for each pass, which {@link #headers} measures alone.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ForwardBenchmark {

  private static final Inet4Address DEVICE = address("10.6.0.2");
  private static final Inet4Address BRIDGE = address("10.6.0.1");
  private static final Inet4Address NODE = address("100.64.0.3");
  private static final Inet4Address CALLER = address("100.64.0.7");
  private static final int CALLER_PORT = 40000;
  private static final int HTTP = 80;

  /** Bytes of the packet. */
  @Param({"40", "1280"})
  public int size;

  private DeviceForwarder forwarder;
  private ByteBuf last = Unpooled.EMPTY_BUFFER;
  private ByteBuf request = Unpooled.EMPTY_BUFFER;
  private ByteBuf answer = Unpooled.EMPTY_BUFFER;
  private final byte[] requestHeaders = new byte[TcpPackets.HEADERS];
  private final byte[] answerHeaders = new byte[TcpPackets.HEADERS];
  private long now;
  private long dropped;

  /** A connection from a caller of the tailnet to the device's port 80. */
  @Setup
  public void open() {
    forwarder =
        new DeviceForwarder(
            ForwardSettings.of(
                DEVICE, BRIDGE, Ipv4Prefix.around(BRIDGE, 24), ForwardSettings.Source.GATEWAY),
            packet -> last = packet,
            packet -> last = packet,
            (reason, packet) -> dropped++);
    forwarder.nodeAddresses(NODE, null);
    forwarder.fromNode(fromCaller(TcpHeader.SYN, TcpPackets.HEADERS), now);
    int port = TcpHeader.of(last, Ipv4Header.of(last)).sourcePort();
    last.release();
    forwarder.fromDevice(fromDevice(port, TcpHeader.SYN | TcpHeader.ACK, TcpPackets.HEADERS), now);
    last.release();
    request = fromCaller(TcpHeader.ACK, size);
    answer = fromDevice(port, TcpHeader.ACK, size);
    request.getBytes(0, requestHeaders);
    answer.getBytes(0, answerHeaders);
  }

  @TearDown
  public void close() {
    forwarder.close();
    request.release();
    answer.release();
    if (dropped > 0) {
      throw new IllegalStateException(dropped + " packets were dropped");
    }
  }

  private static ByteBuf fromCaller(int flags, int size) {
    return TcpPackets.packet(
        Ipv4Addresses.of(CALLER), CALLER_PORT, Ipv4Addresses.of(NODE), HTTP, flags, size);
  }

  private static ByteBuf fromDevice(int port, int flags, int size) {
    return TcpPackets.packet(
        Ipv4Addresses.of(DEVICE), HTTP, Ipv4Addresses.of(BRIDGE), port, flags, size);
  }

  private static Inet4Address address(String text) {
    return (Inet4Address) IpPrefix.parse(text).address();
  }

  @Benchmark
  public ByteBuf toDevice() {
    request.setBytes(0, requestHeaders);
    forwarder.fromNode(request, now++);
    return last;
  }

  @Benchmark
  public ByteBuf toTailnet() {
    answer.setBytes(0, answerHeaders);
    forwarder.fromDevice(answer, now++);
    return last;
  }

  /** What the benchmark itself costs. */
  @Benchmark
  public ByteBuf headers() {
    return request.setBytes(0, requestHeaders);
  }
}
