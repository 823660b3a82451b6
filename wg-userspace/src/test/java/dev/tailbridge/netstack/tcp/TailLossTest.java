package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of what is sent is lost: nothing comes that shows it, and a probe asks (RFC 8985 7). */
class TailLossTest {

  private static final int SEGMENTS = 10;

  private static Transfer withoutTail(boolean sack, int lost) {
    TcpConfig config =
        TcpConfig.wan(1420, false).toBuilder()
            .options(true, true, sack)
            .minRto(Duration.ofSeconds(1).toNanos())
            .build();
    int mss = 1368;
    long total = 1368L * SEGMENTS;
    Transfer transfer = new Transfer(config, config, total, 1);
    transfer.roundTrip(Duration.ofMillis(100));
    transfer.keepOpen = true;
    transfer.client.connect();
    int first = transfer.client.tcb.iss + 1 + (SEGMENTS - lost) * mss;
    int[] left = {lost};
    transfer.up.loses =
        segment ->
            segment.dataLength > 0 && Seq.atOrAfter(segment.sequence, first) && left[0]-- > 0;
    return transfer;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 9})
  void aLostTailIsRepairedWithoutATimeout(int lost) {
    Transfer transfer = withoutTail(true, lost);
    double seconds = SEGMENTS * 1368 / transfer.run(Duration.ofMinutes(1));
    // Handshake and data 150 ms, the probe two round trips later, or 200 ms more for one
    // segment alone; what it shows one more.
    assertThat(seconds).isLessThan(lost == 1 ? 0.75 : 0.65);
    assertThat(transfer.client.tcb.stats().retransmissions()).isLessThanOrEqualTo(lost + 1);
    transfer.clock.advance(Duration.ofSeconds(5));
    assertThat(transfer.client.tcb.unacknowledged()).isZero();
    if (lost > 1) {
      // Of a lone segment the next acknowledgment tells whether one copy arrived or both.
      assertThat(transfer.client.tcb.stats().slowStartThreshold()).isLessThan(Integer.MAX_VALUE);
    }
    double plain = SEGMENTS * 1368 / withoutTail(false, lost).run(Duration.ofMinutes(1));
    assertThat(plain).isGreaterThan(1.1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatWasOnlyAcknowledgedLateCostsNoWindow(int acknowledgments) {
    Transfer transfer = withoutTail(true, 0);
    int[] seen = {0};
    transfer.down.loses =
        segment ->
            transfer.clock.nowNanos() > 120_000_000
                && ++seen[0] > 5 - acknowledgments
                && seen[0] < 6;
    transfer.run(Duration.ofMinutes(1));
    transfer.clock.advance(Duration.ofSeconds(5));
    TcpStats stats = transfer.client.tcb.stats();
    assertThat(transfer.client.tcb.unacknowledged()).isZero();
    assertThat(stats.slowStartThreshold()).isEqualTo(Integer.MAX_VALUE);
  }
}
