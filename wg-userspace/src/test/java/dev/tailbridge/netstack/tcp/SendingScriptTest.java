package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Scripts.RTT;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.dataFin;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.rstAck;
import static dev.tailbridge.netstack.tcp.TcpState.ESTABLISHED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is sent when, as long as nothing is lost (RFC 9293 3.7.4, 3.8.6.3; RFC 5681 3.1, 4). */
class SendingScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /** RFC 9293 3.7.4, in Minshall's form: a small segment waits for a small one alone. */
  @ParameterizedTest
  @EnumSource
  void dataIsCutAtTheSegmentSize(Peer peer) {
    Script script = scripts.connected(peer);
    int mss = script.mss();
    script
        .write(2 * mss + 100)
        .expect(data(mss))
        .expect(data(mss))
        .expect(data(100))
        .write(50)
        .expectNothing()
        .inject(ack().ack(1 + 2 * mss))
        .expectNothing()
        .inject(ack())
        .expect(data(50));
  }

  /** RFC 9293 3.9.1, SHLD-27: the last of what was written is pushed. */
  @ParameterizedTest
  @EnumSource
  void theEndIsPushed(Peer peer) {
    Script script = scripts.connected(peer);
    int mss = script.mss();
    script
        .write(2 * mss)
        .expect(data(mss).push(false))
        .expect(data(mss).push(true))
        .inject(ack())
        .write(mss)
        .expect(data(mss).push(true))
        .inject(ack())
        .shutdownOutput()
        .expect(fin().push(false));
  }

  /** RFC 9293 3.7.4: small writes join while something is unacknowledged. */
  @ParameterizedTest
  @EnumSource
  void smallWritesJoin(Peer peer) {
    scripts
        .connected(peer)
        .write(10)
        .expect(data(10))
        .write(20)
        .write(30)
        .write(40)
        .expectNothing()
        .after(RTT)
        .inject(ack())
        .expect(data(90));
  }

  /** RFC 9293 3.7.4: what fills a segment need not wait. */
  @ParameterizedTest
  @EnumSource
  void smallWritesThatFillASegmentLeave(Peer peer) {
    Script script = scripts.connected(peer).write(10).expect(data(10));
    int mss = script.mss();
    script.write(mss - 1).expectNothing().write(5).expect(data(mss)).inject(ack()).expect(data(4));
  }

  /** RFC 9293 3.7.4, MUST-17: it can be switched off. */
  @ParameterizedTest
  @EnumSource
  void withoutNagleNothingWaits(Peer peer) {
    TcpConfig config = peer.config().toBuilder().nagle(false).build();
    scripts
        .connected(peer, config)
        .write(10)
        .expect(data(10))
        .write(20)
        .expect(data(20))
        .write(30)
        .expect(data(30));
  }

  /** Behind a FIN there is nothing to wait for. */
  @ParameterizedTest
  @EnumSource
  void lastPieceLeavesWithTheFin(Peer peer) {
    scripts
        .connected(peer)
        .write(10)
        .expect(data(10))
        .write(20)
        .expectNothing()
        .shutdownOutput()
        .expect(dataFin(20));
  }

  /** RFC 9293 3.8.6.3: the first few are acknowledged at once, then every second segment. */
  @ParameterizedTest
  @EnumSource
  void everySecondSegmentIsAcknowledged(Peer peer) {
    Script script = scripts.connected(peer);
    for (int i = 0; i < 8; i++) {
      script.inject(data(100)).expect(ack());
    }
    script
        .inject(data(100))
        .expectNothing()
        .inject(data(100))
        .expect(ack())
        .inject(data(100))
        .expectNothing()
        .after(ms(10))
        .inject(data(100))
        .expect(ack())
        .after(seconds(1))
        .expectNothing();
  }

  /** RFC 9293 3.8.6.3, MUST-58: a single one within 40 ms. */
  @ParameterizedTest
  @EnumSource
  void acknowledgmentWaitsFortyMilliseconds(Peer peer) {
    withoutQuickAcks(scripts.connected(peer)).inject(data(100)).expectAfter(ms(40), ack());
  }

  /** RFC 9293 3.8.6.3: it rides on data when there is some, and is not sent again then. */
  @ParameterizedTest
  @EnumSource
  void acknowledgmentRidesOnData(Peer peer) {
    withoutQuickAcks(scripts.connected(peer))
        .inject(data(100))
        .after(ms(20))
        .write(50)
        .expect(data(50))
        .inject(ack())
        .after(seconds(1))
        .expectNothing();
  }

  private static Script withoutQuickAcks(Script script) {
    for (int i = 0; i < 8; i++) {
      script.inject(data(100)).expect(ack());
    }
    return script;
  }

  /** RFC 6928 2: ten segments before the first acknowledgment; their window may allow fewer. */
  @Test
  void initialWindow() {
    Script script = scripts.connected(Peer.MODERN);
    int mss = script.mss();
    script.write(15 * mss);
    expectData(script, 10, mss);
    script.expectNothing();

    script = scripts.connected(Peer.PLAIN);
    mss = script.mss();
    script.write(15 * mss);
    expectData(script, 4, mss);
    script.expectNothing();
  }

  /** RFC 5681 3.1, RFC 3465 2.2: one segment more for each that is acknowledged. */
  @ParameterizedTest
  @EnumSource
  void slowStart(Peer peer) {
    Script script = scripts.connected(peer).window(60_000);
    int mss = script.mss();
    script.inject(ack()).write(30 * mss);
    expectData(script, 10, mss);
    script.after(RTT);
    for (int i = 1; i <= 5; i++) {
      script.inject(ack().ack(1 + 2 * i * mss));
      expectData(script, 4, mss);
      script.expectNothing();
    }
  }

  /** RFC 7661 4.3: a window of congestion that is not used does not grow. */
  @ParameterizedTest
  @EnumSource
  void unusedWindowDoesNotGrow(Peer peer) {
    Script script = scripts.connected(peer).window(60_000).inject(ack());
    for (int i = 0; i < 50; i++) {
      script.write(100).expect(data(100)).after(RTT).inject(ack());
    }
    int mss = script.mss();
    script.write(40 * mss);
    expectData(script, 10, mss);
    script.expectNothing();
  }

  /** RFC 5681 4.1: after idleness the initial window again, not a burst of the old one. */
  @ParameterizedTest
  @EnumSource
  void afterIdlenessTheInitialWindow(Peer peer) {
    Script script = scripts.connected(peer).window(60_000).inject(ack());
    int mss = script.mss();
    script.write(30 * mss);
    expectData(script, 10, mss);
    script.after(RTT).quietly(ack());
    for (int i = 0; i < 3; i++) {
      script.quietly(ack().ack(script.ours(script.tcb().nxt)));
    }
    assertThat(script.tcb().unacknowledged()).isZero();
    assertThat(script.tcb().stats().congestionWindow()).isGreaterThan(12 * mss);
    script.after(seconds(30)).write(30 * mss);
    expectData(script, 10, mss, 1 + 30 * mss);
    script.expectNothing();
  }

  private static void expectData(Script script, int segments, int length) {
    for (int i = 0; i < segments; i++) {
      script.expect(data(length));
    }
  }

  private static void expectData(Script script, int segments, int length, int from) {
    for (int i = 0; i < segments; i++) {
      script.expect(data(length).seq(from + i * length));
    }
  }

  /** No more than the buffer is taken; acknowledgments make room. */
  @ParameterizedTest
  @EnumSource
  void bufferBoundsWhatIsTaken(Peer peer) {
    TcpConfig config = peer.config().toBuilder().buffers(4096, 3000).build();
    Script script = scripts.connected(peer, config);
    int mss = script.mss();
    script
        .writeTakes(5000, 3000)
        .expect(data(mss))
        .expect(data(mss))
        .expect(data(3000 - 2 * mss))
        .writeTakes(1, 0)
        .inject(ack().ack(1 + 2 * mss))
        .writeTakes(5000, 2 * mss);
    script.expect(data(mss)).expect(data(mss)).inject(ack()).expectNothing();
  }

  /** RFC 9293 3.8.4: a probe below what was sent; the peer's answer starts it anew. */
  @ParameterizedTest
  @EnumSource
  void keepAlive(Peer peer) {
    TcpConfig config = peer.config().toBuilder().keepAlive(seconds(30)).build();
    Script script = scripts.connected(peer, config).write(100).expect(data(100)).inject(ack());
    for (int i = 0; i < 5; i++) {
      script.expectAfter(seconds(30), ack().seq(100)).inject(ack());
    }
    for (int i = 0; i < 4; i++) {
      script.expectAfter(seconds(i == 0 ? 30 : 15), ack().seq(100));
    }
    script.expectAfter(seconds(15), rstAck().seq(101)).failed(TcpFailure.TIMED_OUT);
  }

  /** RFC 9293 3.8.4: their probe is answered, with and without a byte in it. */
  @ParameterizedTest
  @EnumSource
  void keepAliveOfThePeer(Peer peer) {
    scripts
        .connected(peer)
        .inject(data(100))
        .expect(ack())
        .after(seconds(7200))
        .inject(ack().seq(100))
        .expect(ack())
        .after(seconds(75))
        .inject(data(1).seq(100))
        .expect(ack())
        .state(ESTABLISHED);
  }
}
