package dev.tailbridge.benchmarks;

import dev.tailbridge.netstack.tcp.Segment;
import dev.tailbridge.netstack.tcp.Tcb;
import dev.tailbridge.netstack.tcp.TcpConfig;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The protocol of a TCP connection alone, both ends of it: segments are handed over as they are,
 * without packets, checksums and event loop. Nothing is lost; time is virtual.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TcbBenchmark {

  private static final int MEGABYTE = 1 << 20;
  private static final int REQUEST = 100;
  private static final int RESPONSE = 500;
  private static final long ONE_WAY_NANOS = 100_000;

  /** The device's link, or the tailnet's with every option. */
  @Param({"device", "wan"})
  public String link = "device";

  private final byte[] bytes = new byte[64 << 10];
  private Tcb client;
  private Tcb server;
  private long now;

  @Setup
  public void open() {
    TcpConfig config =
        "wan".equals(link) ? TcpConfig.wan(1280, false) : TcpConfig.device(1420, false);
    client = Tcb.connect(config, 1, 1, now);
    Segment[] syn = new Segment[1];
    client.pollTransmit(now, segment -> syn[0] = segment.copyOfHeader());
    server = Tcb.accept(config, syn[0], 1_000_000, 2, now);
    turn();
    turn();
  }

  /** Everything that either side has to send arrives at the other. */
  private void turn() {
    now += ONE_WAY_NANOS;
    client.onTimer(now);
    client.pollTransmit(now, segment -> server.onSegment(now, segment));
    now += ONE_WAY_NANOS;
    server.onTimer(now);
    server.pollTransmit(now, segment -> client.onSegment(now, segment));
  }

  /** A megabyte from client to server. */
  @Benchmark
  public long bulk() {
    int written = 0;
    int read = 0;
    while (read < MEGABYTE) {
      written += client.write(bytes, 0, Math.min(bytes.length, MEGABYTE - written));
      turn();
      int count;
      while ((count = server.read(bytes, 0, bytes.length)) > 0) {
        read += count;
      }
    }
    return now;
  }

  /** 100 bytes there and 500 back. */
  @Benchmark
  public long requestAndResponse() {
    pass(client, server, REQUEST);
    pass(server, client, RESPONSE);
    return now;
  }

  private void pass(Tcb from, Tcb to, int length) {
    from.write(bytes, 0, length);
    int read = 0;
    while (read < length) {
      turn();
      read += to.read(bytes, 0, bytes.length);
    }
  }
}
