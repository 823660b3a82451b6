package dev.tailbridge.wireguard.protocol;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One look at the replay window. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ReplayWindowBenchmark {

  /** Counters are taken in blocks, which come in mirrored order. */
  private static final int BLOCK = 32;

  private final ReplayWindow inOrder = new ReplayWindow();
  private final ReplayWindow reordered = new ReplayWindow();
  private final ReplayWindow replayed = new ReplayWindow();
  private final ReplayWindow gaps = new ReplayWindow();
  private long counter;

  @Benchmark
  public boolean inOrder() {
    return inOrder.accept(counter++);
  }

  @Benchmark
  public boolean reordered() {
    return reordered.accept(counter++ ^ (BLOCK - 1));
  }

  @Benchmark
  public boolean replay() {
    return replayed.accept(1);
  }

  /** Every packet is a thousand ahead: 16 words are cleared for each. */
  @Benchmark
  public boolean gaps() {
    return gaps.accept(counter += 1000);
  }
}
