package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A path that stands still for longer than the timeout and loses nothing, as Wi-Fi that saves power
 * does: what was sent again in vain costs neither the window nor a second copy of all the rest.
 */
class SpuriousTimeoutTest {

  private static Transfer transfer(boolean timestamps, boolean sack) {
    TcpConfig config =
        TcpConfig.wan(1420, false).toBuilder().options(true, timestamps, sack).build();
    return new Transfer(config, config, 3 << 20, 1).roundTrip(Duration.ofMillis(50));
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, false", "false, true"})
  void aStandstillCostsNoWindow(boolean timestamps, boolean sack) {
    Transfer transfer = transfer(timestamps, sack);
    transfer.client.connect();
    transfer.clock.advance(Duration.ofMillis(400));
    TcpStats before = transfer.client.tcb.stats();
    transfer.up.notBefore = transfer.clock.nowNanos() + Duration.ofMillis(600).toNanos();
    transfer.run(Duration.ofMinutes(1));
    TcpStats after = transfer.client.tcb.stats();
    assertThat(after.slowStartThreshold()).isEqualTo(before.slowStartThreshold());
    assertThat(after.congestionWindow()).isGreaterThanOrEqualTo(before.congestionWindow());
    assertThat(after.retransmissions()).isLessThanOrEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, false", "false, true"})
  void aRealLossIsStillOne(boolean timestamps, boolean sack) {
    Transfer transfer = transfer(timestamps, sack);
    transfer.client.connect();
    transfer.clock.advance(Duration.ofMillis(400));
    transfer.up.loss = 1;
    transfer.clock.advance(Duration.ofMillis(350));
    transfer.up.loss = 0;
    transfer.run(Duration.ofMinutes(1));
    assertThat(transfer.client.tcb.stats().slowStartThreshold()).isLessThan(1 << 20);
  }

  /** As when a tunnel's session begins anew: it kept the first packets, and all others are lost. */
  @Test
  void whatWasLostBehindTheFirstIsRepairedAtOnce() {
    Transfer transfer = transfer(/* timestamps= */ true, /* sack= */ true);
    transfer.client.connect();
    transfer.clock.advance(Duration.ofMillis(400));
    long stands = transfer.clock.nowNanos();
    long goesOn = stands + Duration.ofMillis(600).toNanos();
    transfer.up.notBefore = goesOn;
    int[] kept = {2};
    transfer.up.loses = segment -> transfer.clock.nowNanos() < goesOn && kept[0]-- <= 0;
    transfer.run(Duration.ofMinutes(1));
    assertThat(transfer.clock.nowNanos() - goesOn)
        .as("3 MiB with 50 ms there and back")
        .isLessThan(Duration.ofSeconds(2).toNanos());
  }
}
