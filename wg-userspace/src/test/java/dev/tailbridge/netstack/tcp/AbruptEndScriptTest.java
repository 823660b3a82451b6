package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static dev.tailbridge.netstack.tcp.Seg.rstAck;
import static dev.tailbridge.netstack.tcp.TcpState.FIN_WAIT_1;
import static dev.tailbridge.netstack.tcp.TcpState.TIME_WAIT;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections end at once, by either side (RFC 9293 3.6.1, 3.10.5). */
class AbruptEndScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

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
}
