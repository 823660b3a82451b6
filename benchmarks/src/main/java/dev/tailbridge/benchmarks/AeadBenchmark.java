package dev.tailbridge.benchmarks;

import dev.tailbridge.wireguard.crypto.Aead;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.CryptoUnavailableException;
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

/** Sealing and opening one transport packet, by each provider. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AeadBenchmark {

  private static final int RING = 64;

  @Param({"bouncycastle", "conscrypt", "jdk"})
  public String crypto = "";

  /** Bytes of the inner packet. */
  @Param({"128", "1420"})
  public int size;

  private final byte[][] incoming = new byte[RING][];
  private Aead sealing;
  private Aead opening;
  private CryptoProvider provider;
  private byte[] key = new byte[0];
  private byte[] plain = new byte[0];
  private byte[] out = new byte[0];
  private long counter = RING;
  private int next;

  /** Seals the packets that {@link #open} opens over and over. */
  @Setup
  public void prepare() throws CryptoUnavailableException {
    provider = CryptoProviders.select(crypto).provider();
    key = new byte[Aead.KEY_BYTES];
    sealing = provider.aead(key);
    opening = provider.aead(key);
    plain = new byte[size];
    out = new byte[size + Aead.TAG_BYTES];
    for (int i = 0; i < RING; i++) {
      incoming[i] = new byte[size + Aead.TAG_BYTES];
      sealing.seal(i, plain, 0, size, incoming[i], 0);
    }
  }

  @Benchmark
  public int seal() {
    return sealing.seal(counter++, plain, 0, size, out, 0);
  }

  @Benchmark
  public int open() {
    int i = next++ & (RING - 1);
    return opening.open(i, incoming[i], 0, size + Aead.TAG_BYTES, out, 0);
  }

  /** What somebody pays for who forges packets of a session that he watches. */
  @Benchmark
  public int refuse() {
    int i = next++ & (RING - 1);
    return opening.open(i + RING, incoming[i], 0, size + Aead.TAG_BYTES, out, 0);
  }

  /** A session's share of a handshake: both keys, and their end. */
  @Benchmark
  public Object makeAndDestroyTwo() {
    Aead one = provider.aead(key);
    Aead other = provider.aead(key);
    one.destroy();
    other.destroy();
    return one;
  }
}
