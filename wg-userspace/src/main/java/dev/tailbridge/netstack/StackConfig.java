package dev.tailbridge.netstack;

import dev.tailbridge.netstack.tcp.InitialNumbers;
import dev.tailbridge.netstack.tcp.TcpConfig;
import dev.tailbridge.wireguard.crypto.Blake2s;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Stack} behaves. Immutable, and meant to be shared by many stacks: it holds the
 * secret of their initial sequence numbers (RFC 6528).
 */
public final class StackConfig {

  private static final Duration TIME_WAIT_OF_LWIP = Duration.ofMinutes(2);

  final TcpConfig ipv4;
  final TcpConfig ipv6;
  final SecureRandom random;
  final InitialNumbers numbers;
  final int maxPending;
  final int maxPendingPerSource;
  final long quietNanos;
  final int maxTimeWaits;
  final long maxMemory;
  final @Nullable MemoryBudget totalMemory;
  final LongSupplier clock;
  final long originNanos;

  private StackConfig(Builder from) {
    ipv4 = from.ipv4;
    ipv6 = from.ipv6;
    random = from.random;
    maxPending = from.maxPending;
    maxPendingPerSource = from.maxPendingPerSource;
    quietNanos = from.quietTime.toNanos();
    maxTimeWaits = from.maxTimeWaits;
    maxMemory = from.maxMemory;
    totalMemory = from.totalMemory;
    clock = from.clock;
    originNanos = clock.getAsLong();
    byte[] key = new byte[Blake2s.HASH_BYTES];
    random.nextBytes(key);
    numbers =
        new InitialNumbers(
            tuple -> ByteBuffer.wrap(Blake2s.mac(key, tuple, 0, tuple.length)).getLong());
  }

  /**
   * For a link to a microcontroller; see {@link TcpConfig#device} and {@link Builder#quietTime}.
   */
  public static StackConfig device(int mtu) {
    return builder(
            withoutNagle(TcpConfig.device(mtu, /* ipv6= */ false)),
            withoutNagle(TcpConfig.device(mtu, /* ipv6= */ true)))
        .quietTime(TIME_WAIT_OF_LWIP)
        .build();
  }

  /** For a link to modern machines over the wide area; see {@link TcpConfig#wan}. */
  public static StackConfig wan(int mtu) {
    return builder(
            withoutNagle(TcpConfig.wan(mtu, /* ipv6= */ false)),
            withoutNagle(TcpConfig.wan(mtu, /* ipv6= */ true)))
        .build();
  }

  /** Who writes to a channel flushes when something should leave. */
  private static TcpConfig withoutNagle(TcpConfig config) {
    return config.toBuilder().nagle(false).build();
  }

  public static Builder builder(TcpConfig ipv4, TcpConfig ipv6) {
    return new Builder(ipv4, ipv6);
  }

  /** The same settings, to be changed; what is built has a secret of its own. */
  public Builder toBuilder() {
    return new Builder(ipv4, ipv6)
        .random(random)
        .maxPending(maxPending, maxPendingPerSource)
        .quietTime(Duration.ofNanos(quietNanos))
        .maxTimeWaits(maxTimeWaits)
        .memory(maxMemory, totalMemory)
        .clock(clock);
  }

  /** The settings one by one. */
  public static final class Builder {

    private final TcpConfig ipv4;
    private final TcpConfig ipv6;
    private SecureRandom random = new SecureRandom();
    private int maxPending = 256;
    private int maxPendingPerSource = 32;
    private Duration quietTime = Duration.ZERO;
    private int maxTimeWaits = 4096;
    private long maxMemory = 16 << 20;
    private @Nullable MemoryBudget totalMemory;
    private LongSupplier clock = System::nanoTime;

    private Builder(TcpConfig ipv4, TcpConfig ipv6) {
      this.ipv4 = ipv4;
      this.ipv6 = ipv6;
    }

    /** Where secrets and ports come from. */
    public Builder random(SecureRandom source) {
      random = source;
      return this;
    }

    /**
     * How many callers may wait for a decision, in all (256) and from one address (32). The SYNs of
     * others are dropped: they come again.
     */
    public Builder maxPending(int inAll, int fromOneAddress) {
      maxPending = inAll;
      maxPendingPerSource = fromOneAddress;
      return this;
    }

    /**
     * For how long no call uses the addresses and ports of an ended connection that the peer may
     * still know (zero): as long as the peer's TIME-WAIT lasts, if it does not take a new SYN in it
     * as RFC 6191 says.
     */
    public Builder quietTime(Duration time) {
      quietTime = time;
      return this;
    }

    /** How many connections of one stack may be in TIME-WAIT (4096): over it the oldest ends. */
    public Builder maxTimeWaits(int most) {
      maxTimeWaits = most;
      return this;
    }

    /**
     * How much memory the buffers of one stack's connections may take (16 MiB), and a budget for
     * those of all stacks that are given the same one (none).
     */
    public Builder memory(long ofOneStack, @Nullable MemoryBudget total) {
      maxMemory = ofOneStack;
      totalMemory = total;
      return this;
    }

    /** Nanoseconds that never go back, at the pace of the event loop's timers. */
    public Builder clock(LongSupplier nanos) {
      clock = nanos;
      return this;
    }

    public StackConfig build() {
      return new StackConfig(this);
    }
  }
}
