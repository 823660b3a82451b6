package dev.tailbridge.benchmarks;

import dev.tailbridge.wireguard.crypto.Aead;
import dev.tailbridge.wireguard.crypto.BouncyCastleAead;
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

/** Sealing and opening one transport packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AeadBenchmark {

  /** Bytes of the inner packet. */
  @Param({"128", "1420"})
  public int size;

  private final byte[] key = new byte[Aead.KEY_BYTES];
  private final Aead sealing = new BouncyCastleAead(key);
  private final Aead opening = new BouncyCastleAead(key);
  private byte[] plain = new byte[0];
  private byte[] sealed = new byte[0];
  private byte[] out = new byte[0];
  private long counter;

  /** Seals the packet that {@link #open} opens over and over. */
  @Setup
  public void prepare() {
    plain = new byte[size];
    sealed = new byte[size + Aead.TAG_BYTES];
    out = new byte[size + Aead.TAG_BYTES];
    sealing.seal(counter++, plain, 0, size, sealed, 0);
  }

  @Benchmark
  public int seal() {
    return sealing.seal(counter++, plain, 0, size, out, 0);
  }

  @Benchmark
  public int open() {
    return opening.open(0, sealed, 0, sealed.length, out, 0);
  }
}
