package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Scripts.RTT;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.rstAck;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is sent again when, without SACK (RFC 6298, 5681, 6582, 3042, 5827). */
class RecoveryScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /** Connected without SACK, with a window that is no limit. */
  private Script connected(Peer peer) {
    TcpConfig usual = peer.config();
    TcpConfig config =
        usual.toBuilder().options(usual.windowScaling(), usual.timestamps(), false).build();
    return scripts.connected(peer, config).window(60_000).inject(ack());
  }

  /** So many full segments are on their way, of which the first and others are lost. */
  private Script sent(Peer peer, int segments, int... lost) {
    Script script = connected(peer);
    int mss = script.mss();
    script.write(segments * mss);
    for (int i = 0; i < segments; i++) {
      boolean gone = false;
      for (int one : lost) {
        gone |= one == i;
      }
      Seg segment = data(mss);
      Script unused = gone ? script.lose(segment) : script.expect(segment);
    }
    return script.after(RTT);
  }

  private static Script duplicates(Script script, int count) {
    for (int i = 0; i < count; i++) {
      script.inject(ack());
    }
    return script;
  }

  /** RFC 6298 5.4 to 5.6: each time after twice the time. */
  @ParameterizedTest
  @EnumSource
  void timeoutBacksOff(Peer peer) {
    Script script = connected(peer).write(100).lose(data(100));
    long rto = script.rto();
    // RFC 6298 2.2: SRTT + 4 RTTVAR of one sample of 100 ms.
    assertThat(rto).isEqualTo(ms(300));
    script
        .expectAfter(rto, data(100).seq(1))
        .expectAfter(2 * rto, data(100).seq(1))
        .expectAfter(4 * rto, data(100).seq(1))
        .expectAfter(8 * rto, data(100).seq(1))
        .inject(ack())
        .after(seconds(60))
        .expectNothing();
  }

  /** RFC 6298 2.4: the device profile never waits less than 300 ms, for lwIP delays 250 ms. */
  @ParameterizedTest
  @EnumSource
  void leastTimeout(Peer peer) {
    Script script = connected(peer);
    for (int i = 0; i < 60; i++) {
      script.write(10).expect(data(10)).after(ms(5)).inject(ack());
    }
    script.write(10).lose(data(10)).expectAfter(script.config.minRto(), data(10).seq(601));
    assertThat(script.config.minRto()).isEqualTo(ms(peer == Peer.PLAIN ? 300 : 200));
  }

  /** RFC 6298 3 (Karn): what was sent twice measures nothing. */
  @ParameterizedTest
  @EnumSource
  void ambiguousAcknowledgmentMeasuresNothing(Peer peer) {
    Script script = connected(peer).write(100).lose(data(100));
    int first = script.tcb().timestamps.value(script.now());
    script.expectAfter(script.rto(), data(100).seq(1)).after(ms(1));
    // Of the first one, as the echo says where there is one.
    script.inject(peer.timestamps ? ack().tsecr(first) : ack());
    assertThat(script.tcb().stats().smoothedRtt()).isEqualTo(ms(100));
  }

  /** RFC 9293 3.8.3: data that nobody acknowledges is given up, and the peer told. */
  @ParameterizedTest
  @EnumSource
  void userTimeout(Peer peer) {
    Script script = connected(peer).write(100).lose(data(100));
    long begin = script.now();
    int retransmissions = 0;
    while (true) {
      script.after(script.tcb().nextDeadline() - script.now());
      if (script.tcb().state() == TcpState.CLOSED) {
        break;
      }
      script.lose(data(100).seq(1));
      retransmissions++;
    }
    script.expect(rstAck().seq(101)).failed(TcpFailure.TIMED_OUT);
    assertThat(retransmissions).isBetween(10, 13);
    assertThat(script.now() - begin)
        .isBetween(script.config.userTimeout(), script.config.userTimeout() + seconds(60));
  }

  /** RFC 9293 3.8.3: what counts is how long the data waits, not how long it was quiet before. */
  @ParameterizedTest
  @EnumSource
  void userTimeoutBeginsWithTheData(Peer peer) {
    Script script = connected(peer).after(seconds(3600)).write(100).lose(data(100));
    script.expectAfter(script.rto(), data(100).seq(1)).inject(ack()).after(seconds(3600));
    script.write(100).lose(data(100));
    script.expectAfter(script.rto(), data(100).seq(101)).inject(ack());
  }

  /** RFC 6298 3: without timestamps one segment at a time is timed. */
  @ParameterizedTest
  @EnumSource
  void roundTripIsMeasured(Peer peer) {
    Script script = connected(peer);
    script.write(100).expect(data(100)).after(ms(180)).inject(ack());
    assertThat(script.tcb().stats().smoothedRtt()).isEqualTo((7 * ms(100) + ms(180)) / 8);
    script.after(ms(500)).inject(ack());
    assertThat(script.tcb().stats().smoothedRtt()).isEqualTo((7 * ms(100) + ms(180)) / 8);
  }

  /** RFC 5681 3.2: the third duplicate; then half the window. */
  @ParameterizedTest
  @EnumSource
  void fastRetransmit(Peer peer) {
    Script script = sent(peer, 10, 0);
    int mss = script.mss();
    duplicates(script, 2).expectNothing();
    script.inject(ack()).expect(data(mss).seq(1));
    for (int i = 0; i < 6; i++) {
      script.inject(ack().ack(1)).expectNothing();
    }
    script.after(RTT).inject(ack().ack(1 + 10 * mss));
    assertThat(script.tcb().stats().slowStartThreshold()).isEqualTo(5 * mss);
    assertThat(script.tcb().stats().congestionWindow()).isLessThanOrEqualTo(5 * mss);
    script.expectNothing();
  }

  /** RFC 6582 3.2, step 3: a partial acknowledgment sends the next hole at once. */
  @ParameterizedTest
  @EnumSource
  void partialAcknowledgment(Peer peer) {
    Script script = sent(peer, 10, 0, 2, 5);
    int mss = script.mss();
    duplicates(script, 3).expect(data(mss).seq(1));
    for (int i = 0; i < 4; i++) {
      script.inject(ack().ack(1)).expectNothing();
    }
    script
        .after(RTT)
        .inject(ack())
        .expect(data(mss).seq(1 + 2 * mss))
        .after(RTT)
        .inject(ack())
        .expect(data(mss).seq(1 + 5 * mss))
        .after(RTT)
        .inject(ack().ack(1 + 10 * mss))
        .expectNothing();
    assertThat(script.tcb().stats().retransmissions()).isEqualTo(3);
  }

  /** RFC 3042 2: each of the first two duplicates lets a new segment go. */
  @ParameterizedTest
  @EnumSource
  void limitedTransmit(Peer peer) {
    Script script = connected(peer);
    int mss = script.mss();
    script.write(20 * mss).lose(data(mss));
    for (int i = 1; i < 10; i++) {
      script.expect(data(mss));
    }
    script
        .expectNothing()
        .after(RTT)
        .inject(ack())
        .expect(data(mss))
        .inject(ack())
        .expect(data(mss))
        .inject(ack())
        .expect(data(mss).seq(1))
        .expectNothing();
  }

  /** RFC 5681 3.2, steps 3 and 4: each further duplicate is a segment that left the network. */
  @ParameterizedTest
  @EnumSource
  void duplicatesInflateTheWindow(Peer peer) {
    Script script = connected(peer);
    int mss = script.mss();
    script.write(20 * mss).lose(data(mss));
    for (int i = 1; i < 10; i++) {
      script.expect(data(mss));
    }
    script.after(RTT).inject(ack()).expect(data(mss)).inject(ack()).expect(data(mss));
    script.inject(ack()).lose(data(mss).seq(1));
    // Twelve are on their way; half the window, 5.5, is filled by the eighth duplicate.
    for (int i = 4; i <= 7; i++) {
      script.inject(ack()).expectNothing();
    }
    for (int i = 8; i <= 11; i++) {
      script.inject(ack()).expect(data(mss)).expectNothing();
    }
  }

  /** RFC 5827 3.1: with three on their way the second duplicate must do, with two the first. */
  @ParameterizedTest
  @EnumSource
  void earlyRetransmit(Peer peer) {
    Script script = sent(peer, 3, 0);
    int mss = script.mss();
    duplicates(script, 1).expectNothing().inject(ack()).expect(data(mss).seq(1)).inject(ack());

    script = sent(peer, 2, 0);
    duplicates(script, 1).expect(data(mss).seq(1)).inject(ack()).expectNothing();
  }

  /** RFC 5827 3.1: one segment on its way has no duplicates to hope for. */
  @ParameterizedTest
  @EnumSource
  void oneSegmentWaitsForTheTimeout(Peer peer) {
    Script script = sent(peer, 1, 0);
    int mss = script.mss();
    duplicates(script, 2).expectNothing();
    script.expectAfter(ms(200), data(mss).seq(1)).inject(ack());
  }

  /** Segments that only changed places: nothing is sent again. */
  @ParameterizedTest
  @EnumSource
  void reordering(Peer peer) {
    Script script = sent(peer, 10, 0);
    duplicates(script, 2).inject(ack().ack(1 + 10 * script.mss())).expectNothing();
    assertThat(script.tcb().stats().retransmissions()).isZero();
  }

  /** RFC 5681 2: another window, or data, makes it no duplicate. */
  @ParameterizedTest
  @EnumSource
  void noDuplicates(Peer peer) {
    Script script = sent(peer, 10, 0);
    script.inject(ack().win(50_048)).inject(ack().win(51_200)).inject(ack().win(52_480));
    script.inject(data(10)).expect(ack()).inject(data(10)).expect(ack());
    script.inject(data(10)).expect(ack());
    assertThat(script.tcb().stats().retransmissions()).isZero();
  }

  /** RFC 5681 3.1: after a timeout one segment, then two, then four. */
  @ParameterizedTest
  @EnumSource
  void afterATimeoutSlowStart(Peer peer) {
    Script script = sent(peer, 8, 0, 1, 2, 3, 4, 5, 6, 7);
    int mss = script.mss();
    script.after(ms(200)).expect(data(mss).seq(1)).expectNothing();
    script.after(RTT).inject(ack());
    script.expect(data(mss).seq(1 + mss)).expect(data(mss).seq(1 + 2 * mss)).expectNothing();
    script.after(RTT).inject(ack());
    for (int i = 3; i < 6; i++) {
      script.expect(data(mss).seq(1 + i * mss));
    }
    script.expectNothing().after(RTT).inject(ack());
    script.expect(data(mss).seq(1 + 6 * mss)).expect(data(mss).seq(1 + 7 * mss));
    script.inject(ack()).after(seconds(60)).expectNothing();
  }

  /** RFC 6582 3.2, step 2: duplicates of what a timeout sent again begin no recovery. */
  @ParameterizedTest
  @EnumSource
  void duplicatesAfterATimeout(Peer peer) {
    Script script = sent(peer, 8, 0);
    int mss = script.mss();
    script.after(ms(200)).expect(data(mss).seq(1));
    script.inject(ack());
    duplicates(script, 5).after(ms(1)).expectNothing();
    assertThat(script.tcb().stats().retransmissions()).isEqualTo(1);
  }

  /** RFC 6298 5: a FIN is sent again like data. */
  @ParameterizedTest
  @EnumSource
  void finIsSentAgain(Peer peer) {
    Script script = connected(peer).shutdownOutput().lose(fin());
    long rto = script.rto();
    script
        .expectAfter(rto, fin().seq(1))
        .expectAfter(2 * rto, fin().seq(1))
        .inject(ack())
        .state(TcpState.FIN_WAIT_2)
        .after(seconds(600))
        .expectNothing();
  }

  /** lwIP acknowledges up to 250 ms late: that alone sends nothing again. */
  @ParameterizedTest
  @EnumSource
  void lateAcknowledgments(Peer peer) {
    Script script = connected(peer);
    for (int i = 0; i < 20; i++) {
      script.write(10).expect(data(10)).after(ms(250)).inject(ack());
    }
    assertThat(script.tcb().stats().retransmissions()).isZero();
  }
}
