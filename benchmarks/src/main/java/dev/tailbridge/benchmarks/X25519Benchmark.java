package dev.tailbridge.benchmarks;

import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.CryptoUnavailableException;
import dev.tailbridge.wireguard.crypto.X25519;
import java.security.SecureRandom;
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
 * The agreement of X25519 by each provider that has one of its own, and the key pair, which is
 * Bouncy Castle's in any case.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class X25519Benchmark {

  @Param({"bouncycastle", "conscrypt"})
  public String crypto = "";

  private final SecureRandom random = new SecureRandom();
  private final byte[] privateKey = X25519.generatePrivateKey(random);
  private final byte[] publicKey = X25519.publicKey(X25519.generatePrivateKey(random));
  private final byte[] shared = new byte[X25519.KEY_BYTES];
  private CryptoProvider provider;

  @Setup
  public void choose() throws CryptoUnavailableException {
    provider = CryptoProviders.select(crypto).provider();
  }

  @Benchmark
  public boolean agree() {
    return provider.agree(privateKey, publicKey, shared);
  }

  /** What somebody pays for who sends a public key of low order. */
  @Benchmark
  public boolean refuseLowOrder() {
    return provider.agree(privateKey, new byte[X25519.KEY_BYTES], shared);
  }

  @Benchmark
  public byte[] generateKeyPair() {
    return X25519.publicKey(X25519.generatePrivateKey(random));
  }
}
