package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link that lost its session and has it again, and a peer that is asked whether it lives. */
class PauseTest {

  private static final TcpConfig CONFIG =
      TcpConfig.device(1420, false).toBuilder()
          .userTimeout(Duration.ofMinutes(2).toNanos())
          .build();

  private final VirtualClock clock = new VirtualClock();
  private final SimulatedTcp client = new SimulatedTcp(clock, CONFIG, 1);
  private final SimulatedTcp server = new SimulatedTcp(clock, CONFIG, 2);
  private final SegmentWire up = new SegmentWire(clock, 3, server::arrived);
  private final SegmentWire down = new SegmentWire(clock, 4, client::arrived);
  private final List<Long> sentMillis = new ArrayList<>();

  @BeforeEach
  void wires() {
    client.out = up;
    server.out = down;
    up.delayNanos = 10_000_000;
    down.delayNanos = 10_000_000;
    client.watcher = segment -> sentMillis.add(clock.nowNanos() / 1_000_000);
  }

  private void connect() {
    client.connect();
    clock.advance(Duration.ofSeconds(1));
    assertThat(client.tcb.state()).isEqualTo(TcpState.ESTABLISHED);
  }

  private void link(boolean works) {
    up.loss = works ? 0 : 1;
    down.loss = up.loss;
    sentMillis.clear();
  }

  private void write(int length) {
    assertThat(client.tcb.write(new byte[length], 0, length)).isEqualTo(length);
    client.settle();
  }

  @Test
  void nothingIsSentAgainUntilResumedAndThenAtOnce() {
    connect();
    link(false);
    write(5000);
    int first = sentMillis.size();
    clock.advance(Duration.ofSeconds(2));
    int repeated = sentMillis.size();
    assertThat(repeated).isGreaterThan(first);
    client.tcb.pause(clock.nowNanos());
    client.settle();
    assertThat(client.tcb.pause.on()).isTrue();
    clock.advance(Duration.ofHours(1));
    assertThat(sentMillis).hasSize(repeated);
    link(true);
    client.tcb.resume(clock.nowNanos());
    client.settle();
    long resumed = clock.nowNanos() / 1_000_000;
    assertThat(sentMillis).hasSize(first).containsOnly(resumed);
    clock.advance(Duration.ofMillis(50));
    assertThat(server.tcb.readable()).isEqualTo(5000);
    assertThat(client.tcb.unacknowledged()).isZero();
  }

  @Test
  void aPauseDoesNotCountForTheUserTimeout() {
    connect();
    link(false);
    write(100);
    clock.advance(Duration.ofSeconds(100));
    client.tcb.pause(clock.nowNanos());
    clock.advance(Duration.ofMinutes(30));
    client.tcb.resume(clock.nowNanos());
    client.settle();
    clock.advance(Duration.ofSeconds(15));
    assertThat(client.tcb.failure()).isNull();
    clock.advance(Duration.ofMinutes(2));
    assertThat(client.tcb.failure()).isEqualTo(TcpFailure.TIMED_OUT);
  }

  @Test
  void newDataStillLeavesWhilePausedAndAnArrivalEndsThePause() {
    connect();
    client.tcb.pause(clock.nowNanos());
    sentMillis.clear();
    write(100);
    assertThat(sentMillis).hasSize(1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(client.tcb.unacknowledged()).isZero();
    assertThat(client.tcb.pause.on()).isFalse();
  }

  @Test
  void aCallThatWasPausedCallsAgainOnResume() {
    link(false);
    client.connect();
    client.tcb.pause(clock.nowNanos());
    clock.advance(Duration.ofMinutes(10));
    assertThat(sentMillis).hasSize(1);
    link(true);
    client.tcb.resume(clock.nowNanos());
    client.settle();
    clock.advance(Duration.ofMillis(50));
    assertThat(client.tcb.state()).isEqualTo(TcpState.ESTABLISHED);
  }

  @Test
  void aShutWindowIsProbedOnResume() {
    connect();
    write(16 << 10);
    clock.advance(Duration.ofSeconds(5));
    write(100);
    assertThat(client.tcb.stats().sendWindow()).isZero();
    client.tcb.pause(clock.nowNanos());
    clock.advance(Duration.ofMinutes(5));
    server.tcb.read(new byte[64 << 10], 0, 64 << 10);
    sentMillis.clear();
    client.tcb.resume(clock.nowNanos());
    client.settle();
    assertThat(sentMillis).hasSize(1);
    clock.advance(Duration.ofSeconds(1));
    assertThat(client.tcb.unacknowledged()).isZero();
  }

  @Test
  void aProbeIsAnsweredByWhoLivesAndResetByWhoForgot() {
    connect();
    long before = client.tcb.heardAt();
    clock.advance(Duration.ofSeconds(30));
    client.tcb.probe();
    client.settle();
    clock.advance(Duration.ofMillis(50));
    assertThat(client.tcb.heardAt() - before).isGreaterThan(30_000_000_000L);

    server.tcb = null;
    server.resetsUnknown = true;
    client.tcb.probe();
    client.settle();
    clock.advance(Duration.ofMillis(50));
    assertThat(client.tcb.failure()).isEqualTo(TcpFailure.RESET);
  }

  @Test
  void aProbeIsAnsweredThoughDataBeforeItWasLost() {
    connect();
    link(false);
    write(3000);
    link(true);
    long before = client.tcb.heardAt();
    client.tcb.probe();
    client.settle();
    clock.advance(Duration.ofMillis(25));
    assertThat(client.tcb.heardAt()).isGreaterThan(before);
  }
}
