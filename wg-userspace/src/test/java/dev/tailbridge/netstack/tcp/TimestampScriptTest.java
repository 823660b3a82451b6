package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The timestamps option and PAWS (RFC 7323 3 to 5), with a peer that agreed on them. */
class TimestampScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  private Script connected() {
    return scripts.connected(Peer.MODERN);
  }

  /** RFC 7323 5.3, R1: an old duplicate is dropped, and answered. */
  @Test
  void oldSegmentIsDropped() {
    Script script = connected();
    int last = script.peerClock();
    script
        .after(seconds(1))
        .inject(data(10))
        .expect(ack())
        .inject(data(10).ts(last, 0).refused())
        .expect(ack().tsecr(script.peerClock()))
        .readable(10)
        .inject(data(10))
        .expect(ack())
        .read(20);
  }

  /** RFC 7323 5.3, R1: equal is not old. */
  @Test
  void segmentOfTheSameTickIsTaken() {
    Script script = connected();
    script.inject(data(10).ts(script.peerClock(), 0)).expect(ack()).read(10);
  }

  /** RFC 7323 5.2: a reset is not checked. */
  @Test
  void resetIsNotChecked() {
    Script script = connected();
    script.inject(rst().ts(script.peerClock() - 5000, 0)).expectNothing().failed(TcpFailure.RESET);
  }

  /** RFC 7323 3.2: a segment without the option is dropped without a word. */
  @Test
  void segmentWithoutTheOptionIsDropped() {
    connected()
        .inject(data(10).timestamps(false).refused())
        .expectNothing()
        .readable(0)
        .inject(rst().timestamps(false))
        .failed(TcpFailure.RESET);
  }

  /** RFC 7323 5.5: after 24 days of idleness their clock may have wrapped. */
  @Test
  void afterWeeksOfIdlenessAnythingIsNew() {
    Script script = connected();
    int old = script.peerClock() - 100;
    script
        .after(seconds(23L * 86400))
        .inject(data(10).ts(old, 0).refused())
        .expect(ack())
        .after(seconds(2L * 86400))
        .inject(data(10).ts(old, 0))
        .expect(ack().tsecr(old))
        .read(10);
  }

  /** RFC 7323 4.3: a delayed acknowledgment echoes the earliest segment that it covers. */
  @Test
  void delayedAcknowledgmentEchoesTheEarliest() {
    Script script = connected();
    for (int i = 0; i < 16; i++) {
      script.quietly(data(100));
    }
    script.after(ms(100));
    int first = script.peerClock();
    script
        .inject(data(100).ts(first, 0))
        .after(ms(10))
        .inject(data(100).ts(first + 10, 0))
        .expect(ack().tsecr(first));
  }

  /** RFC 7323 4.3, B: what lies behind a gap is not echoed. */
  @Test
  void segmentBehindAGapIsNotEchoed() {
    Script script = connected();
    int before = script.peerClock();
    script
        .after(ms(50))
        .inject(data(10).seq(11).refused())
        .expect(ack().ack(1).tsecr(before).sack(11, 21));
  }

  /** RFC 7323 4.3, C: what fills the gap is. */
  @Test
  void segmentThatFillsAGapIsEchoed() {
    Script script = connected();
    script.after(ms(50)).inject(data(10).seq(11).refused()).expect(ack().ack(1)).after(ms(50));
    int filling = script.peerClock();
    script.inject(data(10).seq(1).refused()).expect(ack().ack(21).tsecr(filling)).read(20);
  }

  /** RFC 7323 4.3, step 2: a segment outside the window does not change what is echoed. */
  @Test
  void segmentOutsideTheWindowIsNotEchoed() {
    Script script = connected();
    int before = script.peerClock();
    script.after(ms(50)).inject(data(10).seq(-9).refused()).expect(ack().tsecr(before));
  }

  /** RFC 7323 4.1: each acknowledgment that moves forward measures the round trip. */
  @Test
  void everyAcknowledgmentMeasures() {
    Script script = connected();
    script.write(100).expect(data(100)).after(ms(180)).inject(ack());
    // RFC 6298 2.3, after 100 ms of the handshake.
    assertThat(script.tcb().stats().smoothedRtt()).isEqualTo((7 * ms(100) + ms(180)) / 8);
    assertThat(script.tcb().stats().rttVariation()).isEqualTo((3 * ms(50) + ms(80)) / 4);
  }

  /** An echo of nothing that we sent, or of the future, is no measurement. */
  @Test
  void senselessEchoIsNoMeasurement() {
    Script script = connected();
    script
        .write(100)
        .expect(data(100))
        .after(ms(50))
        .inject(ack().tsecr(script.peerClock() + 1_000_000_000));
    assertThat(script.tcb().stats().smoothedRtt()).isEqualTo(ms(100));
  }
}
