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

/** Windows: theirs, which we must not exceed, and ours (RFC 9293 3.8.6). */
class WindowScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /** Their window takes this much, all of it is on its way, and then it is shut. */
  private Script shut(Peer peer) {
    int mss = scripts.mss(peer);
    return scripts
        .connected(peer)
        .window(0)
        .write(2 * mss)
        .expect(data(mss))
        .expect(data(mss))
        .after(RTT)
        .inject(ack())
        .write(500)
        .expectNothing();
  }

  /** RFC 9293 3.8.6.1: probed after the timeout, farther and farther apart, one byte each. */
  @ParameterizedTest
  @EnumSource
  void zeroWindowIsProbed(Peer peer) {
    Script script = shut(peer);
    int end = 1 + 2 * script.mss();
    long rto = script.rto();
    script
        .expectAfter(rto, data(1))
        .inject(ack().ack(end))
        .expectAfter(2 * rto, data(1).seq(end))
        .inject(ack().ack(end))
        .expectAfter(4 * rto, data(1).seq(end))
        .inject(ack().ack(end))
        .expectAfter(8 * rto, data(1).seq(end))
        .inject(ack().ack(end))
        .window(5000)
        .inject(ack().ack(end))
        .expect(data(500).seq(end));
  }

  /** RFC 9293 3.8.6.1: a probe that is taken moves on. */
  @ParameterizedTest
  @EnumSource
  void probeThatIsTaken(Peer peer) {
    Script script = shut(peer);
    int end = 1 + 2 * script.mss();
    script
        .expectAfter(script.rto(), data(1))
        .inject(ack())
        .after(script.rto())
        .expect(data(1).seq(end + 1))
        .window(3000)
        .inject(ack())
        .expect(data(498).seq(end + 2));
  }

  /** RFC 9293 3.8.6.1, MUST-37: a window that stays shut for a minute, and for an hour. */
  @ParameterizedTest
  @EnumSource
  void zeroWindowForAnHour(Peer peer) {
    Script script = shut(peer);
    int end = 1 + 2 * script.mss();
    long until = script.now() + seconds(3600);
    int probes = 0;
    while (script.now() < until) {
      long wait = script.tcb().nextDeadline() - script.now();
      assertThat(wait).as("wait for the next probe").isBetween(0L, seconds(60));
      script.after(wait).expect(data(1).seq(end)).inject(ack().ack(end));
      probes++;
    }
    assertThat(probes).isBetween(60, 80);
    script.state(ESTABLISHED).window(5000).inject(ack().ack(end)).expect(data(500).seq(end));
  }

  /** RFC 9293 3.8.3: probes that nobody answers are given up after the user timeout. */
  @ParameterizedTest
  @EnumSource
  void unansweredProbesAreGivenUp(Peer peer) {
    Script script = shut(peer);
    long begin = script.now();
    while (script.tcb().state() != TcpState.CLOSED) {
      script.afterQuietly(script.tcb().nextDeadline() - script.now());
    }
    script.failed(TcpFailure.TIMED_OUT);
    assertThat(script.now() - begin)
        .isBetween(script.config.userTimeout(), script.config.userTimeout() + seconds(60));
  }

  /** A window update opens the way at once, without a timer. */
  @ParameterizedTest
  @EnumSource
  void windowUpdateLetsGo(Peer peer) {
    shut(peer).after(ms(20)).window(5000).inject(ack()).expect(data(500));
  }

  /** RFC 9293 3.8.6: a FIN alone needs the window as well. */
  @ParameterizedTest
  @EnumSource
  void finWaitsForTheWindow(Peer peer) {
    Script script = shut(peer).shutdownOutput().expectNothing();
    script.window(5000).inject(ack()).expect(dataFin(500));
  }

  /** RFC 9293 3.8.6, SHLD-15: they take room back; what is on its way is not sent anew beyond. */
  @ParameterizedTest
  @EnumSource
  void windowShrinks(Peer peer) {
    Script script = scripts.connected(peer);
    int mss = script.mss();
    script
        .write(4 * mss)
        .expect(data(mss))
        .lose(data(mss))
        .lose(data(mss))
        .lose(data(mss))
        .window(mss & -128)
        .inject(ack());
    int edge = 1 + mss + (mss & -128);
    script.write(1000).expectNothing();
    long wait = script.tcb().nextDeadline() - script.now();
    script.after(wait);
    script.expect(data(mss & -128).seq(1 + mss)).window(3 * mss).inject(ack().ack(edge));
    script.expect(data(mss).seq(edge)).expect(data(1000)).inject(ack().ack(1 + 4 * mss));
    script.state(ESTABLISHED);
  }

  /** RFC 9293 3.8.6, SHLD-15: shrunk to nothing with data on its way, for longer than any timer. */
  @ParameterizedTest
  @EnumSource
  void windowShrinksToNothing(Peer peer) {
    Script script = scripts.connected(peer).window(0);
    int mss = script.mss();
    script.write(2 * mss).expect(data(mss)).lose(data(mss)).inject(ack());
    long end = script.now() + seconds(600);
    while (script.now() < end) {
      script.after(script.tcb().nextDeadline() - script.now());
      script.expect(data(1).seq(1 + mss)).inject(ack().ack(1 + mss));
    }
    script.state(ESTABLISHED).window(4 * mss).inject(ack().ack(1 + mss));
    script.expect(data(mss).seq(1 + mss)).inject(ack().ack(1 + 2 * mss)).expectNothing();
  }

  /** RFC 9293 3.1: the field is unsigned; 40000 is not negative. */
  @Test
  void windowWithTheTopBitSet() {
    Script script = scripts.connected(Peer.PLAIN).window(40_000);
    int mss = script.mss();
    script.write(20 * mss);
    for (int i = 0; i < 4; i++) {
      script.expect(data(mss));
    }
    // Of 5744 bytes 224 are left, which is not worth a segment.
    script.inject(ack());
    for (int i = 0; i < 10; i++) {
      script.expect(data(mss));
    }
    // Here the window of congestion ends it.
    script.expectNothing();
    assertThat(script.tcb().stats().sendWindow()).isEqualTo(40_000);
  }

  /** RFC 9293 3.10.7.4, fifth (SND.WL1, SND.WL2): an old segment brings no old window. */
  @ParameterizedTest
  @EnumSource
  void oldSegmentBringsNoWindow(Peer peer) {
    Script script = scripts.connected(peer);
    script.inject(data(100)).expect(ack()).window(4096).inject(ack());
    script.inject(data(50).seq(51).win(0)).expectAtMostAcks();
    assertThat(script.tcb().stats().sendWindow()).isEqualTo(4096);
  }

  /** RFC 9293 3.8.6.2.1: a little room is not used while there was more before. */
  @ParameterizedTest
  @EnumSource
  void littleRoomIsNotUsed(Peer peer) {
    Script script = shut(peer);
    script.window(256).inject(ack()).expectNothing();
    // It is when it stays so: the override timer.
    script.after(script.tcb().nextDeadline() - script.now()).expect(data(256));
    script.window(4096).inject(ack()).expect(data(244));
  }

  /** RFC 9293 3.8.6.2.2: what fills our buffer shuts our window; reading a little opens nothing. */
  @ParameterizedTest
  @EnumSource
  void ourWindowShutsAndOpens(Peer peer) {
    TcpConfig config = peer.config().toBuilder().buffers(4096, 4096).build();
    Script script = scripts.connected(peer, config);
    script
        .inject(data(1000))
        .expect(ack().win(3096))
        .inject(data(1000))
        .expect(ack().win(2096))
        .inject(data(1000))
        .expect(ack().win(1096))
        .inject(data(1096))
        .expect(ack().win(0))
        .read(100)
        .expectNothing()
        .inject(data(1).refused())
        .expect(ack().win(0))
        .read(1900)
        .expectNothing()
        .read(48)
        .expect(ack().win(2048))
        .read(2048)
        .expect(ack().win(4096));
  }

  /** A peer's probes of our shut window are answered as long as they come. */
  @ParameterizedTest
  @EnumSource
  void probesOfOurWindowAreAnswered(Peer peer) {
    TcpConfig config = peer.config().toBuilder().buffers(1000, 4096).build();
    Script script =
        scripts.connected(peer, config).inject(data(1000)).expect(ack().win(0).ack(1001));
    for (int i = 0; i < 60; i++) {
      script.after(seconds(1)).inject(data(1).refused()).expect(ack().win(0).ack(1001));
      script.after(ms(10)).inject(ack().seq(1000)).expect(ack().win(0).ack(1001));
    }
    script.readable(1000).read(1000).expect(ack().win(1000).ack(1001));
  }

  /** RFC 9293 3.10.7.4, first: what takes no room counts although our window is shut. */
  @ParameterizedTest
  @EnumSource
  void shutWindowTakesAcknowledgments(Peer peer) {
    TcpConfig config = peer.config().toBuilder().buffers(1000, 4096).build();
    scripts
        .connected(peer, config)
        .inject(data(1000))
        .expect(ack().win(0))
        .write(300)
        .expect(data(300).win(0))
        .inject(data(1).refused())
        .expect(ack().win(0))
        .write(200)
        .expect(data(200).win(0))
        .inject(fin())
        .expect(ack().win(0))
        .state(TcpState.CLOSE_WAIT)
        .read(1000)
        .endOfInput(true);
  }

  /** Both windows shut, a probe beyond each: the way out is an acknowledgment in their window. */
  @ParameterizedTest
  @EnumSource
  void bothWindowsShut(Peer peer) {
    TcpConfig config = peer.config().toBuilder().buffers(1000, 4096).build();
    Script script =
        scripts.connected(peer, config).inject(data(1000)).expect(ack().win(0)).window(0);
    script
        .inject(ack())
        .write(500)
        .after(script.rto())
        .lose(data(1).seq(1))
        .inject(data(1).ack(1).refused())
        .expect(ack().seq(1).win(0))
        .read(1000)
        .expect(ack().seq(1).win(1000))
        .window(2048)
        .inject(data(1).ack(1))
        .expect(data(500).seq(1));
    script.state(ESTABLISHED).abort().expect(rstAck());
  }

  /** RFC 9293 3.8.6.2.1: where the largest window is small, half of it is worth a segment. */
  @ParameterizedTest
  @EnumSource
  void halfOfASmallWindowIsUsed(Peer peer) {
    Script script =
        scripts.connecting(peer).inject(Seg.synAck().win(512)).expect(ack()).window(512);
    script.write(2000).expect(data(512)).inject(ack().win(128)).expectNothing();
    script.inject(ack().win(256)).expect(data(256)).inject(ack()).expect(data(512));
  }

  /** Acknowledgments ride on data also where a window lets little of it go. */
  @ParameterizedTest
  @EnumSource
  void acknowledgmentsRideOnCrumbs(Peer peer) {
    Script script =
        scripts.connecting(peer).inject(Seg.synAck().win(512)).expect(ack()).window(512);
    script.write(2000).expect(data(512));
    for (int i = 0; i < 2; i++) {
      script.inject(data(10)).expect(data(512).ack(11 + 10 * i));
    }
    script.inject(data(10)).expect(data(464).ack(31)).read(30);
  }

  /** RFC 9293 3.8.6.1: into a shut window goes not even one byte, but as a probe. */
  @ParameterizedTest
  @EnumSource
  void oneByteWaitsForTheWindow(Peer peer) {
    Script script = scripts.connected(peer).window(0).inject(ack()).write(1).expectNothing();
    script.expectAfter(script.rto(), data(1));
  }
}
