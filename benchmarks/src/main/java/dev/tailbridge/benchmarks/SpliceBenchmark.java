package dev.tailbridge.benchmarks;

import java.util.concurrent.ExecutionException;
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
 * A spliced connection with everything above the links: a caller's stack, the bridge's two stacks
 * with a relay of channels between them, a device's stack that echoes. All on one event loop, so
 * the time is processor time of both sides and the bridge together.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SpliceBenchmark {

  private static final int MEGABYTE = 1 << 20;

  /** Bytes that go to the device and come back. */
  @Param({"100", "1048576"})
  public int size = MEGABYTE;

  private SplicedEcho echo;

  @Setup
  public void open() throws Exception {
    echo = new SplicedEcho();
  }

  @TearDown
  public void close() throws InterruptedException {
    echo.close();
  }

  @Benchmark
  public void thereAndBack() throws ExecutionException, InterruptedException {
    echo.exchange(size);
  }
}
