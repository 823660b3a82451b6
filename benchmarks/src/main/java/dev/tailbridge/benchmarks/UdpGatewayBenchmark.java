package dev.tailbridge.benchmarks;

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
 * UDP gateway rules with real sockets on loopback: datagrams of one caller that are echoed, {@value
 * UdpGateway#BATCH} at a time, counted there and back as one. The tunnel is a wire in memory
 * between two stacks; no WireGuard. With {@code -prof gc} the garbage of a datagram and its echo,
 * at both ends too.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class UdpGatewayBenchmark {
  private static final int DATAGRAMS = 1024;

  /** Bytes of payload. */
  @Param({"64", "1200"})
  public int size = 64;

  private UdpGateway gateway;

  @Setup
  public void open() throws Exception {
    gateway = new UdpGateway(size);
  }

  @TearDown
  public void close() throws Exception {
    gateway.close();
  }

  /** A machine in the tunnel calls a host. */
  @Benchmark
  @OperationsPerInvocation(DATAGRAMS)
  public void egress() throws InterruptedException {
    for (int sent = 0; sent < DATAGRAMS; sent += UdpGateway.BATCH) {
      gateway.callHost();
    }
  }

  /** A host calls a machine in the tunnel. */
  @Benchmark
  @OperationsPerInvocation(DATAGRAMS)
  public void ingress() throws InterruptedException {
    for (int sent = 0; sent < DATAGRAMS; sent += UdpGateway.BATCH) {
      gateway.callMachine();
    }
  }
}
