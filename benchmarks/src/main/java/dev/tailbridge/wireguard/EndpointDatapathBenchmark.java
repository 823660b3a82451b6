package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.crypto.CryptoProviders;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The endpoint per packet, without the operating system: from the socket's {@code channelRead} to
 * the packet's receiver, and from {@code WireGuardPeer.write} to the socket's write queue. 64
 * packets are a batch, each batch is followed by {@code channelReadComplete} or {@code flush}.
 *
 * <p>A batch of batches runs on the endpoint's event loop per invocation; the way there is less
 * than one percent. The {@code DatagramPacket} in which Netty hands over what it read is made here
 * too ({@link #nothing} is that alone); its other garbage is in {@link
 * dev.tailbridge.benchmarks.NettyDatagramBenchmark}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EndpointDatapathBenchmark {

  private static final int PACKETS = 8192;

  /** Bytes of the inner packet. */
  @Param({"128", "1420"})
  public int size;

  @Param({"bouncycastle", "conscrypt"})
  public String crypto = "bouncycastle";

  private SocketlessEndpoint endpoint;

  @Setup
  public void open() throws Exception {
    endpoint = new SocketlessEndpoint(CryptoProviders.select(crypto).provider(), size);
  }

  @TearDown
  public void close() throws InterruptedException {
    endpoint.close();
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public void inbound() throws ExecutionException, InterruptedException {
    endpoint.receive(PACKETS);
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public void outbound() throws ExecutionException, InterruptedException {
    endpoint.send(PACKETS);
  }

  /** What the benchmark itself costs in {@link #inbound}. */
  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public void nothing() throws ExecutionException, InterruptedException {
    endpoint.receiveNothing(PACKETS);
  }
}
