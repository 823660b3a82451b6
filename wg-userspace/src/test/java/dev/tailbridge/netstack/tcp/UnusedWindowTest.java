package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** RFC 7661: a window of congestion that nothing fills neither grows nor is kept for ever. */
class UnusedWindowTest {

  @Test
  void aTrickleDoesNotRaiseTheWindowAndLosesHalfOfItAfterFiveMinutes() {
    TcpConfig config = TcpConfig.wan(1280, false).toBuilder().nagle(false).build();
    Transfer transfer = new Transfer(config, config, 2 << 20, 1).roundTrip(Duration.ofMillis(100));
    transfer.keepOpen = true;
    transfer.run(Duration.ofMinutes(1));
    int full = transfer.client.tcb.stats().congestionWindow();
    assertThat(full).isGreaterThan(100_000);
    transfer.server.application = () -> transfer.server.tcb.read(new byte[1000], 0, 1000);
    trickle(transfer, Duration.ofSeconds(295));
    assertThat(transfer.client.tcb.stats().congestionWindow()).isEqualTo(full);
    trickle(transfer, Duration.ofSeconds(10));
    assertThat(transfer.client.tcb.stats().congestionWindow()).isEqualTo(full / 2);
    trickle(transfer, Duration.ofMinutes(35));
    int initial = 10 * transfer.client.tcb.stats().mss();
    assertThat(transfer.client.tcb.stats().congestionWindow()).isEqualTo(initial);
  }

  /** One small segment each 100 ms, so that the connection never idles. */
  private static void trickle(Transfer transfer, Duration time) {
    long end = transfer.clock.nowNanos() + time.toNanos();
    while (transfer.clock.nowNanos() < end) {
      transfer.client.tcb.write(new byte[100], 0, 100);
      transfer.client.settle();
      transfer.clock.advance(Duration.ofMillis(100));
    }
  }
}
