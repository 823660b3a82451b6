package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.dataFin;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static dev.tailbridge.netstack.tcp.Seg.rstAck;
import static dev.tailbridge.netstack.tcp.TcpState.CLOSE_WAIT;
import static dev.tailbridge.netstack.tcp.TcpState.CLOSING;
import static dev.tailbridge.netstack.tcp.TcpState.FIN_WAIT_1;
import static dev.tailbridge.netstack.tcp.TcpState.FIN_WAIT_2;
import static dev.tailbridge.netstack.tcp.TcpState.LAST_ACK;
import static dev.tailbridge.netstack.tcp.TcpState.TIME_WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections end: in order, halfway, and at once (RFC 9293 3.6, 3.10.4, 3.10.5). */
class ClosingScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /** RFC 9293 3.6, case 1 and figure 12; 3.4.2 for the end of TIME-WAIT. */
  @ParameterizedTest
  @EnumSource
  void weCloseFirst(Peer peer) {
    scripts
        .connected(peer)
        .shutdownOutput()
        .expect(fin())
        .state(FIN_WAIT_1)
        .inject(ack())
        .state(FIN_WAIT_2)
        .inject(fin())
        .expect(ack())
        .state(TIME_WAIT)
        .after(seconds(60) - 1)
        .state(TIME_WAIT)
        .after(1)
        .expectNothing()
        .failed(null);
  }

  /** RFC 9293 3.6, case 2. */
  @ParameterizedTest
  @EnumSource
  void theyCloseFirst(Peer peer) {
    scripts
        .connected(peer)
        .inject(fin())
        .expect(ack())
        .state(CLOSE_WAIT)
        .endOfInput(true)
        .shutdownOutput()
        .expect(fin())
        .state(LAST_ACK)
        .inject(ack())
        .expectNothing()
        .failed(null);
  }

  /** RFC 1122 4.2.3.2: where answers acknowledge, our FIN acknowledges theirs. */
  @ParameterizedTest
  @EnumSource
  void whatAnswersTheirFinAcknowledgesIt(Peer peer) {
    TcpConfig patient = peer.config().toBuilder().quickAcks(0).build();
    scripts
        .connected(peer, patient)
        .inject(fin())
        .expectNothing()
        .state(CLOSE_WAIT)
        .shutdownOutput()
        .expect(fin().ack(2))
        .state(LAST_ACK)
        .inject(ack())
        .expectNothing()
        .failed(null);
    // Nobody answers: not for longer than any other acknowledgment.
    scripts
        .connected(peer, patient)
        .inject(fin())
        .expectNothing()
        .after(patient.delayedAck())
        .expect(ack())
        .state(CLOSE_WAIT);
  }

  /** RFC 9293 3.6, case 3 and figure 13. */
  @ParameterizedTest
  @EnumSource
  void bothCloseAtOnce(Peer peer) {
    scripts
        .connected(peer)
        .shutdownOutput()
        .expect(fin())
        .inject(fin().ack(1))
        .expect(ack())
        .state(CLOSING)
        .inject(ack())
        .state(TIME_WAIT)
        .after(seconds(60))
        .expectNothing()
        .failed(null);
  }

  /** RFC 9293 3.10.7.4, eighth: their FIN that acknowledges ours skips FIN-WAIT-2. */
  @ParameterizedTest
  @EnumSource
  void finThatAcknowledgesOurs(Peer peer) {
    scripts
        .connected(peer)
        .shutdownOutput()
        .expect(fin())
        .inject(dataFin(20))
        .expect(ack())
        .state(TIME_WAIT)
        .read(20)
        .endOfInput(true);
  }

  /** RFC 9293 3.6: after our FIN we still hear, for as long as they talk. */
  @ParameterizedTest
  @EnumSource
  void halfCloseOfOurs(Peer peer) {
    Script script =
        scripts.connected(peer).write(10).expect(data(10)).shutdownOutput().expect(fin());
    script.inject(ack());
    for (int i = 0; i < 5; i++) {
      script.after(seconds(600)).inject(data(100)).expectAtMostAcks().read(100);
    }
    script.state(FIN_WAIT_2);
    script.inject(dataFin(5)).expect(ack()).state(TIME_WAIT).read(5).endOfInput(true);
  }

  /** RFC 9293 3.6: after their FIN we still talk; what they acknowledge counts. */
  @ParameterizedTest
  @EnumSource
  void halfCloseOfTheirs(Peer peer) {
    Script script = scripts.connected(peer).inject(fin()).expect(ack());
    int mss = script.mss();
    script
        .write(3 * mss)
        .expect(data(mss))
        .expect(data(mss))
        .expect(data(mss))
        .inject(ack())
        .after(seconds(600))
        .write(10)
        .expect(data(10))
        .inject(ack())
        .state(CLOSE_WAIT)
        .write(10)
        .expect(data(10))
        .shutdownOutput()
        .expect(fin())
        .inject(ack())
        .failed(null);
  }

  /** RFC 9293 3.10.4: the FIN stands behind everything that was written. */
  @ParameterizedTest
  @EnumSource
  void finStandsBehindTheData(Peer peer) {
    Script script = scripts.connected(peer).window(2048).inject(ack());
    int mss = script.mss();
    script.write(3 * mss).expect(data(mss)).shutdownOutput().state(FIN_WAIT_1);
    script.inject(ack()).expect(data(mss)).inject(ack()).expect(dataFin(mss)).inject(ack());
    script.state(FIN_WAIT_2);
  }

  /** RFC 9293 3.8.6: a FIN takes a place in the window. */
  @ParameterizedTest
  @EnumSource
  void finNeedsRoomInTheWindow(Peer peer) {
    scripts
        .connecting(peer)
        .write(512)
        .shutdownOutput()
        .inject(Seg.synAck().win(512))
        .expect(data(512))
        .inject(ack().win(512))
        .expect(fin());
  }

  /** RFC 9293 3.10.4: nothing can be written behind the FIN; a second one is none. */
  @ParameterizedTest
  @EnumSource
  void nothingBehindTheFin(Peer peer) {
    scripts
        .connected(peer)
        .shutdownOutput()
        .expect(fin())
        .shutdownOutput()
        .writeTakes(10, 0)
        .expectNothing();
  }

  /** RFC 9293 3.6.1: closed with bytes unread, the peer must know that they are lost. */
  @ParameterizedTest
  @EnumSource
  void closedWithBytesUnread(Peer peer) {
    scripts
        .connected(peer)
        .inject(data(10))
        .expect(ack())
        .close()
        .expect(rstAck())
        .failed(TcpFailure.ABORTED);
  }

  /** RFC 9293 3.6.1, SHLD-3: closed, and then data comes. */
  @ParameterizedTest
  @EnumSource
  void dataAfterClose(Peer peer) {
    scripts
        .connected(peer)
        .close()
        .expect(fin())
        .state(FIN_WAIT_1)
        .inject(data(10).refused())
        .expect(rstAck().ack(1))
        .failed(TcpFailure.ABORTED);
  }

  /** RFC 9293 3.6.1: what was written before leaves first, whoever closed. */
  @ParameterizedTest
  @EnumSource
  void closeDeliversWhatWasWritten(Peer peer) {
    Script script = scripts.connected(peer).window(2048).inject(ack());
    int mss = script.mss();
    script
        .write(2 * mss)
        .expect(data(mss))
        .close()
        .inject(ack())
        .expect(dataFin(mss))
        .inject(fin())
        .expect(ack())
        .state(TIME_WAIT);
  }

  /** A FIN-WAIT-2 that nobody reads does not last for ever; one of a half-close does. */
  @ParameterizedTest
  @EnumSource
  void abandonedFinWait2(Peer peer) {
    scripts
        .connected(peer)
        .close()
        .expect(fin())
        .inject(ack())
        .state(FIN_WAIT_2)
        .after(seconds(60) - 1)
        .state(FIN_WAIT_2)
        .after(1)
        .expectNothing()
        .failed(null);
    scripts
        .connected(peer)
        .shutdownOutput()
        .expect(fin())
        .inject(ack())
        .after(seconds(36_000))
        .expectNothing()
        .state(FIN_WAIT_2)
        .close()
        .after(seconds(60))
        .failed(null);
  }

  /** RFC 9293 3.10.7.4, second, in FIN-WAIT-2. */
  @ParameterizedTest
  @EnumSource
  void resetInFinWait2(Peer peer) {
    scripts
        .connected(peer)
        .shutdownOutput()
        .expect(fin())
        .inject(ack())
        .inject(rst())
        .failed(TcpFailure.RESET);
  }

  /** RFC 9293 3.10.7.4, second: what came before a reset and was not read is lost. */
  @ParameterizedTest
  @EnumSource
  void resetLosesWhatWasNotRead(Peer peer) {
    scripts
        .connected(peer)
        .inject(data(10))
        .expect(ack())
        .inject(rst())
        .failed(TcpFailure.RESET)
        .readable(0)
        .writeTakes(10, 0);
  }

  /** RFC 9293 3.10.7.4, eighth: the FIN comes again in TIME-WAIT: answered, and 60 s anew. */
  @ParameterizedTest
  @EnumSource
  void finComesAgainInTimeWait(Peer peer) {
    StateScripts.in(TIME_WAIT, peer)
        .after(seconds(50))
        .inject(fin().seq(51))
        .expect(ack())
        .after(seconds(59))
        .state(TIME_WAIT)
        .after(seconds(1))
        .failed(null);
  }

  /** Old data in TIME-WAIT is answered and prolongs nothing; RFC 1337 3: a reset ends nothing. */
  @ParameterizedTest
  @EnumSource
  void oldSegmentsInTimeWait(Peer peer) {
    StateScripts.in(TIME_WAIT, peer)
        .after(seconds(50))
        .inject(data(20).seq(20))
        .expect(ack().ack(52))
        .inject(rst().seq(52))
        .expectNothing()
        .state(TIME_WAIT)
        .after(seconds(10))
        .failed(null);
  }

  /** A FIN that was lost both ways: FIN-WAIT-1 goes on by its timer, LAST-ACK too. */
  @ParameterizedTest
  @EnumSource
  void lostFins(Peer peer) {
    for (TcpState state : new TcpState[] {FIN_WAIT_1, CLOSING, LAST_ACK}) {
      Script script = StateScripts.in(state, peer);
      for (int i = 0; i < 4; i++) {
        script.after(script.tcb().nextDeadline() - script.now()).expect(fin().seq(101));
      }
      script.state(state).inject(ack());
      assertThat(script.tcb().state()).isNotEqualTo(state);
      script.expectNothing();
    }
  }

  /** RFC 9293 3.8.3: nobody acknowledges the FIN. */
  @ParameterizedTest
  @EnumSource
  void finThatNobodyAcknowledges(Peer peer) {
    for (TcpState state : new TcpState[] {FIN_WAIT_1, CLOSING, LAST_ACK}) {
      Script script = StateScripts.in(state, peer);
      script.afterQuietly(script.config.userTimeout() + seconds(120)).failed(TcpFailure.TIMED_OUT);
    }
  }

  /** RFC 9293 3.10.5: a reset, except where the peer knows of no connection. */
  @ParameterizedTest
  @EnumSource
  void abortInEveryState(Peer peer) {
    for (TcpState state : TcpState.values()) {
      Script script = StateScripts.in(state, peer);
      Tcb tcb = script.tcb();
      int acknowledged = script.theirs(tcb.input.next());
      script.abort();
      switch (state) {
        case SYN_SENT, TIME_WAIT -> script.failed(TcpFailure.ABORTED);
        case CLOSED -> script.failed(null);
        default -> {
          script.expect(rstAck().seq(script.ours(tcb.nxt)).ack(acknowledged));
          script.failed(TcpFailure.ABORTED);
        }
      }
      script.expectNothing().after(seconds(600)).expectNothing();
    }
  }

  /** Afterwards nothing is answered: the stack does that for a connection that is not there. */
  @ParameterizedTest
  @EnumSource
  void closedIsSilent(Peer peer) {
    StateScripts.in(TcpState.CLOSED, peer)
        .inject(data(10))
        .inject(fin())
        .inject(rst())
        .inject(Seg.syn())
        .abort()
        .close()
        .shutdownOutput()
        .expectNothing()
        .failed(null);
  }

  /** RFC 9293 3.6.1 and RFC 6191 2: which SYN may take the place of a TIME-WAIT. */
  @ParameterizedTest
  @CsvSource({
    "PLAIN,  52, 0, false",
    "PLAIN,  53, 0, true",
    "PLAIN,  51, 0, false",
    "PLAIN, -99999, 0, false",
    "MODERN, 53, 1, true",
    "MODERN, -99999, 1, true",
    "MODERN, -99999, 0, false",
    "MODERN, 53, -5, true"
  })
  void synInTimeWait(Peer peer, int number, int later, boolean allowed) {
    Script script = StateScripts.in(TIME_WAIT, peer);
    Segment syn = new Segment().clear();
    syn.flags = Segment.SYN;
    syn.sequence = script.tcb().irs + number;
    syn.hasTimestamps = peer.timestamps;
    syn.timestamp = script.peerClock() + later;
    assertThat(script.tcb().mayBeReplacedBy(syn)).isEqualTo(allowed);
  }

  /** Only TIME-WAIT gives way, and only to what asks for a new connection. */
  @Test
  void othersDoNotGiveWay() {
    Segment segment = new Segment().clear();
    segment.sequence = 0x40000000;
    for (TcpState state : TcpState.values()) {
      segment.flags = Segment.SYN;
      Tcb tcb = StateScripts.in(state, Peer.PLAIN).tcb();
      assertThat(tcb.mayBeReplacedBy(segment)).as("%s", state).isEqualTo(state == TIME_WAIT);
      for (int flags : new int[] {0, Segment.ACK, Segment.SYN | Segment.ACK, Segment.RST}) {
        segment.flags = flags;
        assertThat(tcb.mayBeReplacedBy(segment)).as("%s %s", state, flags).isFalse();
      }
    }
  }
}
