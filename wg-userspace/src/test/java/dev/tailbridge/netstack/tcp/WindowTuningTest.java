package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Buffers that become as large as a connection has use for. */
class WindowTuningTest {

  private static final int KIB = 1 << 10;
  private static final Duration ROUND_TRIP = Duration.ofMillis(100);

  private static Transfer transfer(TcpConfig config, long total) {
    return new Transfer(config, config, total, 1).roundTrip(ROUND_TRIP);
  }

  private static TcpConfig wan(boolean timestamps) {
    return TcpConfig.wan(1280, false).toBuilder().options(true, timestamps, true).build();
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aFastReaderIsOfferedTheWholeBuffer(boolean timestamps) {
    Transfer transfer = transfer(wan(timestamps), 24 << 20);
    double speed = transfer.run(Duration.ofMinutes(2));
    // 1 MiB each 100 ms, less the beginning.
    assertThat(speed).isGreaterThan(7e6);
    assertThat(transfer.server.tcb.stats().receiveWindow()).isGreaterThan(1000 * KIB);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aReaderAsSlowAsADeviceKeepsTheFirstWindow(boolean timestamps) {
    Transfer transfer = transfer(wan(timestamps), 1 << 20);
    transfer.readRate = 57_000;
    int[] most = {0};
    transfer.server.watcher =
        segment -> most[0] = Math.max(most[0], transfer.server.tcb.readable());
    double speed = transfer.run(Duration.ofMinutes(2));
    assertThat(speed).isGreaterThan(55_000);
    assertThat(most[0]).isLessThan(20 * KIB);
  }

  @Test
  void aReaderOfMediumSpeedIsOfferedWhatItNeeds() {
    Transfer transfer = transfer(wan(true), 20 << 20);
    transfer.readRate = 1_000_000;
    double speed = transfer.run(Duration.ofMinutes(2));
    assertThat(speed).isGreaterThan(950_000);
    // 100 kB are read in a round trip.
    assertThat(transfer.server.tcb.input.memory()).isLessThanOrEqualTo(256 * KIB + 512);
  }

  @Test
  void theSendBufferFollowsTheWindowOfCongestion() {
    Transfer transfer = transfer(wan(true), 20 << 20);
    transfer.client.connect();
    assertThat(transfer.client.tcb.unacknowledged()).isEqualTo(16 * KIB);
    transfer.clock.advance(Duration.ofMillis(450));
    int early = transfer.client.tcb.unacknowledged();
    assertThat(early).isBetween(17 * KIB, 256 * KIB);
    transfer.run(Duration.ofMinutes(2));
    assertThat(transfer.client.tcb.output.memory()).isEqualTo(1024 * KIB);
  }
}
