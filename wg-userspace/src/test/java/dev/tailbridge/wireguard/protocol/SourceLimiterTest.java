package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.MILLISECOND;
import static dev.tailbridge.wireguard.protocol.Constants.SECOND;
import static dev.tailbridge.wireguard.protocol.SourceLimiter.MAX_SOURCES;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Token buckets per source. */
class SourceLimiterTest {

  private static final long TOKEN = 50 * MILLISECOND;

  private final SourceLimiter limiter = new SourceLimiter();

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static InetAddress numbered(int number) {
    try {
      return InetAddress.getByAddress(
          new byte[] {10, (byte) (number >> 16), (byte) (number >> 8), (byte) number});
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private int taken(InetAddress source, int attempts, long now) {
    int taken = 0;
    for (int i = 0; i < attempts; i++) {
      taken += limiter.take(source, now) ? 1 : 0;
    }
    return taken;
  }

  private int taken(String source, int attempts, long now) {
    return taken(address(source), attempts, now);
  }

  /** One step: wait so long after the one before, then ask once. */
  private record Step(long waitNanos, boolean allowed) {}

  private static final Step[] STEPS = {
    new Step(0, true),
    new Step(0, true),
    new Step(0, true),
    new Step(0, true),
    new Step(0, true),
    // The burst is spent.
    new Step(0, false),
    new Step(TOKEN - 1, false),
    // A refusal costs nothing: one token is there one token's time after the last was taken.
    new Step(1, true),
    new Step(0, false),
    new Step(TOKEN, true),
    new Step(TOKEN / 2, false),
    new Step(TOKEN / 2, true),
    // Two tokens' time makes two.
    new Step(2 * TOKEN, true),
    new Step(0, true),
    new Step(0, false),
    // Full again after five tokens' time, and never fuller.
    new Step(60 * SECOND, true),
    new Step(0, true),
    new Step(0, true),
    new Step(0, true),
    new Step(0, true),
    new Step(0, false),
  };

  @Test
  void timingTable() {
    for (String source : new String[] {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:1::1"}) {
      long now = 1_000 * SECOND;
      for (int i = 0; i < STEPS.length; i++) {
        now += STEPS[i].waitNanos;
        assertThat(limiter.take(address(source), now))
            .as("%s, step %d", source, i)
            .isEqualTo(STEPS[i].allowed);
      }
    }
  }

  @Test
  void anIpv6SourceIsItsSlash64() {
    assertThat(taken("2001:db8::1", 3, 0)).isEqualTo(3);
    assertThat(taken("2001:db8::ffff:ffff:ffff:ffff", 10, 0)).isEqualTo(2);
    assertThat(taken("2001:db8:0:1::1", 10, 0)).isEqualTo(5);
    // The same 32 bits in front are not the same source.
    assertThat(taken("::1", 10, 0)).isEqualTo(5);
    assertThat(taken("0.0.0.0", 10, 0)).isEqualTo(5);
  }

  @Test
  void manyPeersBehindOneAddressMayCallAtOnce() {
    for (int port = 1; port <= 8; port++) {
      limiter.peerMoved(null, new InetSocketAddress(address("192.0.2.1"), port));
    }
    assertThat(taken("192.0.2.1", 20, 0)).isEqualTo(8);
    InetSocketAddress elsewhere = new InetSocketAddress(address("192.0.2.2"), 1);
    for (int port = 1; port <= 8; port++) {
      limiter.peerMoved(new InetSocketAddress(address("192.0.2.1"), port), elsewhere);
    }
    assertThat(taken("192.0.2.1", 20, SECOND)).isEqualTo(5);
    assertThat(taken("192.0.2.2", 20, SECOND)).isEqualTo(8);
    for (int i = 0; i < 8; i++) {
      limiter.peerMoved(elsewhere, null);
    }
    assertThat(taken("192.0.2.2", 20, 2 * SECOND)).isEqualTo(5);
    assertThat(limiter.sources()).isEqualTo(1);
  }

  @Test
  void aPeersArrivalRefillsNothing() {
    assertThat(taken("192.0.2.1", 10, 0)).isEqualTo(5);
    limiter.peerMoved(null, new InetSocketAddress(address("192.0.2.1"), 1));
    assertThat(taken("192.0.2.1", 10, 0)).isZero();
    assertThat(taken("192.0.2.1", 10, TOKEN)).isEqualTo(1);
  }

  @Test
  void aFullTableRefusesNewSourcesButNotThoseOfPeers() {
    InetAddress home = address("192.0.2.1");
    limiter.peerMoved(null, new InetSocketAddress(home, 1));
    for (int i = 0; i < MAX_SOURCES; i++) {
      assertThat(limiter.take(numbered(i), 0)).isTrue();
    }
    assertThat(limiter.sources()).isEqualTo(MAX_SOURCES);
    assertThat(limiter.take(numbered(MAX_SOURCES), 0)).isFalse();
    assertThat(taken(home, 10, 0)).isEqualTo(5);
    // Sources in the table are served as before, and no less limited.
    assertThat(taken(numbered(0), 10, 0)).isEqualTo(4);
    assertThat(limiter.sources()).isEqualTo(MAX_SOURCES);
  }

  @Test
  void sourcesAreForgottenWhenUnusedForASecond() {
    for (int i = 0; i < MAX_SOURCES; i++) {
      limiter.take(numbered(i), 0);
    }
    limiter.take(numbered(0), SECOND - 1);
    assertThat(limiter.take(numbered(MAX_SOURCES), SECOND - 1)).isFalse();
    assertThat(limiter.take(numbered(MAX_SOURCES), SECOND)).isTrue();
    // The new one, and the one used a moment ago.
    assertThat(limiter.sources()).isEqualTo(2);
  }

  @Test
  void allThreadsTogetherHaveOneBurst() throws InterruptedException {
    InetAddress home = address("192.0.2.1");
    AtomicInteger taken = new AtomicInteger();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      int thread = t;
      threads[t] =
          new Thread(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  taken.addAndGet(limiter.take(home, 0) ? 1 : 0);
                  limiter.take(numbered(2_000 * thread + i), 0);
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join(10_000);
    }
    assertThat(taken).hasValue(5);
    assertThat(limiter.sources()).isEqualTo(8_001);
  }
}
