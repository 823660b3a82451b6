package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.ReverseSuppression;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** The limits over all peers: per source and in all. */
class ReverseLimitsTest {

  private static final long TOKEN = 50 * Constants.MILLISECOND;

  private final ReverseLimits limits = new ReverseLimits();

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private int taken(String source, int attempts, long now) {
    int taken = 0;
    for (int i = 0; i < attempts; i++) {
      taken += limits.take(address(source), now) == null ? 1 : 0;
    }
    return taken;
  }

  @Test
  void aSourceHasABurstOf5And20InASecond() {
    assertThat(taken("192.0.2.1", 10, 0)).isEqualTo(5);
    assertThat(limits.take(address("192.0.2.1"), 0)).isEqualTo(ReverseSuppression.SOURCE_RATE);
    assertThat(taken("192.0.2.1", 10, TOKEN - 1)).isZero();
    assertThat(taken("192.0.2.1", 10, TOKEN)).isEqualTo(1);
    assertThat(taken("192.0.2.1", 10, 3 * TOKEN)).isEqualTo(2);
    assertThat(taken("192.0.2.1", 10, 60 * Constants.SECOND)).isEqualTo(5);
    assertThat(taken("192.0.2.2", 10, 60 * Constants.SECOND)).isEqualTo(5);
  }

  @Test
  void anIpv6SourceIsItsSlash64() {
    assertThat(taken("2001:db8::1", 3, 0)).isEqualTo(3);
    assertThat(taken("2001:db8::2:1", 10, 0)).isEqualTo(2);
    assertThat(taken("2001:db8:0:1::1", 10, 0)).isEqualTo(5);
  }

  @Test
  void manyPeersBehindOneAddressMayCallAtOnce() {
    for (int port = 1; port <= 8; port++) {
      limits.peerMoved(null, new InetSocketAddress(address("192.0.2.1"), port));
    }
    assertThat(taken("192.0.2.1", 20, 0)).isEqualTo(8);
    InetSocketAddress elsewhere = new InetSocketAddress(address("192.0.2.2"), 1);
    for (int port = 1; port <= 8; port++) {
      limits.peerMoved(new InetSocketAddress(address("192.0.2.1"), port), elsewhere);
    }
    assertThat(taken("192.0.2.1", 20, Constants.SECOND)).isEqualTo(5);
    assertThat(taken("192.0.2.2", 20, Constants.SECOND)).isEqualTo(8);
    for (int i = 0; i < 8; i++) {
      limits.peerMoved(elsewhere, null);
    }
    assertThat(taken("192.0.2.2", 20, 2 * Constants.SECOND)).isEqualTo(5);
  }

  @Test
  void allSourcesTogetherHave200InASecond() {
    int taken = 0;
    for (int i = 0; i < 250; i++) {
      taken += taken("10.0.1." + i, 1, 0);
    }
    assertThat(taken).isEqualTo(200);
    assertThat(limits.take(address("10.0.0.1"), 0)).isEqualTo(ReverseSuppression.TOTAL_RATE);
    assertThat(taken("10.0.0.1", 5, 5 * Constants.MILLISECOND)).isEqualTo(1);
  }

  @Test
  void whatOneLimitRefusesCostsNothingAtTheOther() {
    assertThat(taken("192.0.2.1", 1000, 0)).isEqualTo(5);
    int taken = 0;
    for (int i = 0; i < 250; i++) {
      taken += taken("10.0.1." + i, 1, 0);
    }
    assertThat(taken).isEqualTo(195);
    // The total refused these: their own burst is whole afterwards.
    assertThat(taken("10.0.1.249", 10, 25 * Constants.MILLISECOND)).isEqualTo(5);
  }

  @Test
  void theTableStaysBoundedAndForgetsSourcesAtRest() {
    int largest = 0;
    for (int i = 0; i < 20_000; i++) {
      String source = "10." + (i >> 16) + "." + ((i >> 8) & 255) + "." + (i & 255);
      assertThat(taken(source, 1, 5L * i * Constants.MILLISECOND)).isEqualTo(1);
      largest = Math.max(largest, limits.sources());
    }
    assertThat(largest).isEqualTo(ReverseLimits.MAX_SOURCES);
  }
}
