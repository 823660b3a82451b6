package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.dataFin;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.TcpState.CLOSE_WAIT;
import static dev.tailbridge.netstack.tcp.TcpState.CLOSING;
import static dev.tailbridge.netstack.tcp.TcpState.FIN_WAIT_1;
import static dev.tailbridge.netstack.tcp.TcpState.FIN_WAIT_2;
import static dev.tailbridge.netstack.tcp.TcpState.LAST_ACK;
import static dev.tailbridge.netstack.tcp.TcpState.TIME_WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections end in order and halfway (RFC 9293 3.6, 3.10.4). */
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
}
