package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Scripts.RTT;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.dataFin;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.odd;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static dev.tailbridge.netstack.tcp.Seg.rstAck;
import static dev.tailbridge.netstack.tcp.Seg.syn;
import static dev.tailbridge.netstack.tcp.Seg.synAck;
import static dev.tailbridge.netstack.tcp.TcpState.CLOSED;
import static dev.tailbridge.netstack.tcp.TcpState.CLOSE_WAIT;
import static dev.tailbridge.netstack.tcp.TcpState.ESTABLISHED;
import static dev.tailbridge.netstack.tcp.TcpState.FIN_WAIT_1;
import static dev.tailbridge.netstack.tcp.TcpState.SYN_RECEIVED;
import static dev.tailbridge.netstack.tcp.TcpState.SYN_SENT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections begin, and how beginnings fail (RFC 9293 3.5, 3.10.7.3 and 3.10.7.4). */
class HandshakeScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /** RFC 9293 3.5, figure 6. */
  @ParameterizedTest
  @EnumSource
  void weCall(Peer peer) {
    scripts
        .begin(peer, peer.config())
        .connect()
        .expect(syn().mss(peer.config().mss()).timestamps(true).sackPermitted(true))
        .state(SYN_SENT)
        .after(RTT)
        .inject(synAck())
        .expect(ack())
        .state(ESTABLISHED);
  }

  /** RFC 9293 3.5; RFC 7323 1.3: the answer has only options that the caller named. */
  @ParameterizedTest
  @EnumSource
  void theyCall(Peer peer) {
    Script script = scripts.begin(peer, peer.config());
    script
        .inject(syn())
        .expect(
            synAck()
                .seq(0)
                .mss(peer.config().mss())
                .timestamps(peer.timestamps)
                .sackPermitted(peer.sack)
                .tsecr(peer.timestamps ? script.peerClock() : 0)
                .shift(peer.shift < 0 ? -1 : peer.config().windowShift()))
        .state(SYN_RECEIVED)
        .after(RTT)
        .inject(ack())
        .expectNothing()
        .state(ESTABLISHED);
    assertThat(script.tcb().stats().smoothedRtt()).isEqualTo(RTT);
  }

  /** RFC 9293 3.5, figure 8. */
  @ParameterizedTest
  @EnumSource
  void bothCallAtOnce(Peer peer) {
    scripts
        .connecting(peer)
        .inject(syn())
        .expect(synAck().seq(0))
        .state(SYN_RECEIVED)
        .after(RTT)
        .inject(synAck().seq(0))
        .state(ESTABLISHED)
        .write(100)
        .expect(data(100))
        .inject(data(10))
        .expect(ack())
        .read(10);
  }

  /** RFC 7323 2.2: the window of their SYN-ACK is not scaled then, either. */
  @ParameterizedTest
  @EnumSource
  void bothCallAtOnceWithASmallWindow(Peer peer) {
    scripts
        .connecting(peer)
        .inject(syn().win(512))
        .expect(synAck().seq(0))
        .inject(synAck().seq(0).win(512))
        .write(1000)
        .expect(data(512))
        .inject(ack())
        .expect(data(488));
  }

  /** RFC 9293 3.5, figure 8, where their acknowledgment comes without another SYN. */
  @ParameterizedTest
  @EnumSource
  void bothCallAndABareAcknowledgmentEndsIt(Peer peer) {
    scripts
        .connecting(peer)
        .inject(syn())
        .expect(synAck().seq(0))
        .inject(ack())
        .expectNothing()
        .state(ESTABLISHED);
  }

  /** RFC 9293 3.10.7.3, first: an acknowledgment of what was never sent. */
  @ParameterizedTest
  @EnumSource
  void unacceptableAcknowledgmentInSynSent(Peer peer) {
    scripts
        .connecting(peer)
        .inject(ack().ack(0))
        .expect(rst().seq(0))
        .inject(synAck().refused().ack(2))
        .expect(rst().seq(2))
        .inject(synAck().refused().ack(-5))
        .expect(rst().seq(-5))
        .inject(rstAck().ack(2))
        .expectNothing()
        .state(SYN_SENT)
        .inject(synAck())
        .expect(ack())
        .state(ESTABLISHED);
  }

  /** RFC 9293 3.10.7.3, second. */
  @ParameterizedTest
  @EnumSource
  void refused(Peer peer) {
    scripts.connecting(peer).inject(rstAck()).expectNothing().failed(TcpFailure.REFUSED);
  }

  /** RFC 9293 3.10.7.3, second and fifth: neither a bare reset nor what has no SYN counts. */
  @ParameterizedTest
  @EnumSource
  void inSynSentNothingElseCounts(Peer peer) {
    scripts
        .connecting(peer)
        .inject(rst())
        .inject(ack())
        .inject(odd(Segment.FIN | Segment.ACK, 10).refused())
        .inject(odd(0, 10).refused())
        .expectNothing()
        .state(SYN_SENT);
  }

  /** RFC 9293 3.10.7.4, fifth, SYN-RECEIVED: the reset has the number of the acknowledgment. */
  @ParameterizedTest
  @EnumSource
  void unacceptableAcknowledgmentInSynReceived(Peer peer) {
    scripts
        .accepting(peer)
        .inject(ack().ack(0))
        .expect(rst().seq(0))
        .inject(ack().ack(2))
        .expect(rst().seq(2))
        .state(SYN_RECEIVED)
        .inject(ack())
        .expectNothing()
        .state(ESTABLISHED);
  }

  /** RFC 9293 3.10.7.4, second: a passive open goes back to LISTEN, without a word to anybody. */
  @ParameterizedTest
  @EnumSource
  void resetInSynReceived(Peer peer) {
    scripts
        .accepting(peer)
        .inject(rst().seq(2))
        .expect(ack())
        .inject(rst().seq(0))
        .expectNothing()
        .state(SYN_RECEIVED)
        .inject(rst())
        .expectNothing()
        .failed(null);
  }

  /** RFC 9293 3.10.7.4, second: an active open was refused. */
  @ParameterizedTest
  @EnumSource
  void resetAfterBothCalled(Peer peer) {
    scripts
        .connecting(peer)
        .inject(syn())
        .expect(synAck().seq(0))
        .inject(rst())
        .expectNothing()
        .failed(TcpFailure.REFUSED);
  }

  /** RFC 9293 3.10.7.4, fourth: another SYN in the window sends a passive open back to LISTEN. */
  @ParameterizedTest
  @EnumSource
  void anotherSynInSynReceived(Peer peer) {
    scripts.accepting(peer).inject(syn().seq(500).refused()).expectNothing().state(CLOSED);
  }

  /** RFC 6298 5.5: the SYN is sent again after 1, 2, 4 s; RFC 9293 3.8.3: not for ever. */
  @ParameterizedTest
  @EnumSource
  void synIsSentAgainAndGivenUp(Peer peer) {
    Script script =
        scripts
            .connecting(peer)
            .expectAfter(seconds(1), syn().seq(0))
            .expectAfter(seconds(2), syn().seq(0))
            .expectAfter(seconds(4), syn().seq(0))
            .expectAfter(seconds(8), syn().seq(0))
            .expectAfter(seconds(16), syn().seq(0))
            .expectAfter(seconds(32), syn().seq(0))
            .state(SYN_SENT);
    script.after(seconds(120)).expectNothing().failed(TcpFailure.TIMED_OUT);
  }

  /** RFC 6298 5.5 for the answer; RFC 9293 3.10.7.4: their SYN that came again is answered. */
  @ParameterizedTest
  @EnumSource
  void synAckIsSentAgain(Peer peer) {
    scripts
        .accepting(peer)
        .expectAfter(seconds(1), synAck().seq(0))
        .expectAfter(seconds(2), synAck().seq(0))
        .after(ms(500))
        .inject(syn().seq(0))
        .expect(synAck().seq(0))
        .expectAfter(seconds(4), synAck().seq(0))
        .inject(ack())
        .expectNothing()
        .state(ESTABLISHED);
  }

  /** RFC 6298 5.7 and RFC 5681 3.1: after a lost SYN one segment, and 3 s until it goes again. */
  @ParameterizedTest
  @EnumSource
  void afterALostSynOneSegment(Peer peer) {
    Script script =
        scripts
            .connecting(peer)
            .expectAfter(seconds(1), syn().seq(0))
            .after(RTT)
            .inject(synAck().timestamps(false))
            .expect(ack());
    // RFC 6298 3: nobody knows which SYN was answered.
    assertThat(script.tcb().stats().smoothedRtt()).isNegative();
    int mss = script.mss();
    script.write(3 * mss).lose(data(mss)).expectAfter(seconds(3), data(mss).seq(1));
  }

  /** RFC 9293 3.10.2: what is written in SYN-SENT leaves with the end of the handshake. */
  @ParameterizedTest
  @EnumSource
  void writtenInSynSent(Peer peer) {
    scripts
        .connecting(peer)
        .write(200)
        .after(RTT)
        .inject(synAck())
        .expect(data(200))
        .state(ESTABLISHED);
  }

  /** RFC 9293 3.10.4: CLOSE in SYN-RECEIVED is queued; its FIN follows the handshake. */
  @ParameterizedTest
  @EnumSource
  void writtenAndShutDownInSynReceived(Peer peer) {
    scripts
        .accepting(peer)
        .write(200)
        .shutdownOutput()
        .expectNothing()
        .state(SYN_RECEIVED)
        .inject(ack())
        .expect(dataFin(200))
        .state(FIN_WAIT_1);
  }

  /** RFC 9293 3.10.4: CLOSE in SYN-SENT ends it; the peer's answer finds nobody. */
  @ParameterizedTest
  @EnumSource
  void closedInSynSent(Peer peer) {
    scripts.connecting(peer).close().expectNothing().failed(TcpFailure.ABORTED);
  }

  /** RFC 9293 3.10.5. */
  @ParameterizedTest
  @EnumSource
  void abortedInSynReceived(Peer peer) {
    scripts.accepting(peer).abort().expect(rstAck()).failed(TcpFailure.ABORTED);
  }

  /** RFC 9293 3.10.7.3, fourth: data and FIN that came with the SYN-ACK count. */
  @ParameterizedTest
  @EnumSource
  void dataAndFinWithTheSynAck(Peer peer) {
    scripts
        .connecting(peer)
        .inject(odd(Segment.SYN | Segment.ACK | Segment.FIN, 20))
        .expect(ack().ack(22))
        .state(CLOSE_WAIT)
        .read(20)
        .endOfInput(true);
  }

  /** RFC 9293 3.10.7.4: data, or a FIN, on the segment that ends the handshake. */
  @ParameterizedTest
  @EnumSource
  void dataAndFinWithTheLastAcknowledgment(Peer peer) {
    scripts
        .accepting(peer)
        .inject(dataFin(30))
        .expect(ack().ack(32))
        .state(CLOSE_WAIT)
        .read(30)
        .endOfInput(true);
  }

  /** RFC 9293 3.10.7.4: a FIN alone does as well. */
  @ParameterizedTest
  @EnumSource
  void finWithTheLastAcknowledgment(Peer peer) {
    scripts.accepting(peer).inject(fin()).expect(ack()).state(CLOSE_WAIT).endOfInput(true);
  }

  /** Data of the SYN is not acknowledged, and comes again. */
  @ParameterizedTest
  @EnumSource
  void dataInTheSyn(Peer peer) {
    scripts
        .begin(peer, peer.config())
        .inject(odd(Segment.SYN, 40).refused())
        .expect(synAck().seq(0).ack(1))
        .inject(data(40).seq(1))
        .expect(ack().ack(41))
        .read(40);
  }

  /** RFC 5961 4.2: the SYN-ACK came twice, since our acknowledgment was lost. */
  @ParameterizedTest
  @EnumSource
  void synAckComesAgain(Peer peer) {
    scripts.connected(peer).inject(synAck().seq(0)).expect(ack()).state(ESTABLISHED);
  }
}
