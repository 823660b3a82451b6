package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ICMP errors do to a connection. */
class NetworkErrorsTest {

  private static final TcpConfig CONFIG =
      TcpConfig.wan(1420, false).toBuilder().userTimeout(Duration.ofMinutes(2).toNanos()).build();

  private static Transfer transfer(TcpConfig config) {
    return new Transfer(config, config, 200_000, 1).roundTrip(Duration.ofMillis(100));
  }

  private final Transfer transfer = transfer(CONFIG);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsTooBigGoesAgainInSmallerSegmentsAtOnce(boolean options) {
    TcpConfig config = CONFIG.toBuilder().options(options, options, options).build();
    double unhindered = transfer(config).run(Duration.ofMinutes(1));
    Transfer narrow = transfer(config);
    int mtu = 1000;
    narrow.up.largest = mtu - 20;
    narrow.up.tooBig =
        segment -> {
          int quoted = segment.sequence;
          narrow.clock.after(
              Duration.ofMillis(20),
              () -> {
                narrow.client.tcb.tooBig(narrow.clock.nowNanos(), quoted, mtu - 40);
                narrow.client.settle();
              });
        };
    double speed = narrow.run(Duration.ofMinutes(1));
    assertThat(narrow.client.tcb.stats().mss()).isEqualTo(options ? 948 : 960);
    // No timeout, and no window was lost.
    assertThat(speed).isGreaterThan(0.7 * unhindered);
  }

  @Test
  void onlyWhatQuotesDataOnItsWayIsBelievedAndNeverBelowTheFloor() {
    transfer.client.connect();
    transfer.clock.advance(Duration.ofMillis(120));
    Tcb tcb = transfer.client.tcb;
    assertThat(tcb.una).isNotEqualTo(tcb.nxt);
    int before = tcb.stats().mss();
    tcb.tooBig(transfer.clock.nowNanos(), tcb.una - 1, 600);
    tcb.tooBig(transfer.clock.nowNanos(), tcb.nxt, 600);
    tcb.tooBig(transfer.clock.nowNanos(), tcb.una, 5000);
    assertThat(tcb.stats().mss()).isEqualTo(before);
    tcb.tooBig(transfer.clock.nowNanos(), tcb.una, 28);
    assertThat(tcb.stats().mss()).isEqualTo(536 - 12);
  }

  @Test
  void aHardErrorEndsACallAtOnceAndASoftOneWhenItWasRepeated() {
    transfer.up.loss = 1;
    transfer.client.connect();
    Tcb tcb = transfer.client.tcb;
    tcb.unreachable(tcb.iss + 1, true);
    assertThat(tcb.failure()).isNull();
    tcb.unreachable(tcb.iss, false);
    transfer.clock.advance(Duration.ofSeconds(6));
    assertThat(tcb.failure()).isNull();
    transfer.clock.advance(Duration.ofSeconds(2));
    assertThat(tcb.failure()).isEqualTo(TcpFailure.UNREACHABLE);

    Tcb hard = Tcb.connect(CONFIG, 1, 1, 0);
    hard.pollTransmit(0, segment -> {});
    hard.unreachable(1, true);
    assertThat(hard.failure()).isEqualTo(TcpFailure.UNREACHABLE);
  }

  @Test
  void aConnectionGoesOnAndNamesTheErrorWhenItTimesOut() {
    transfer.client.connect();
    transfer.clock.advance(Duration.ofMillis(120));
    Tcb tcb = transfer.client.tcb;
    transfer.up.loss = 1;
    tcb.unreachable(tcb.una, true);
    assertThat(tcb.failure()).isNull();
    transfer.clock.advance(Duration.ofMinutes(1));
    assertThat(tcb.failure()).isNull();
    tcb.unreachable(tcb.una, false);
    transfer.clock.advance(Duration.ofMinutes(5));
    assertThat(tcb.failure()).isEqualTo(TcpFailure.UNREACHABLE);
  }
}
