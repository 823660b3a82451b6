package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.ReverseSuppression;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** The limits over all peers: per source, as in {@link SourceLimiterTest}, and in all. */
class ReverseLimitsTest {

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
  void aSourceHasABurstOf5() {
    assertThat(taken("192.0.2.1", 10, 0)).isEqualTo(5);
    assertThat(limits.take(address("192.0.2.1"), 0)).isEqualTo(ReverseSuppression.SOURCE_RATE);
  }

  @Test
  void manyPeersBehindOneAddressMayCallAtOnce() {
    for (int port = 1; port <= 8; port++) {
      limits.peerMoved(null, new InetSocketAddress(address("192.0.2.1"), port));
    }
    assertThat(taken("192.0.2.1", 20, 0)).isEqualTo(8);
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
}
