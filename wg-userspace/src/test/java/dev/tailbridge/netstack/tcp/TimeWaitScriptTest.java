package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static dev.tailbridge.netstack.tcp.TcpState.TIME_WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a connection in TIME-WAIT hears, and to whom it gives way (RFC 9293 3.6.1, RFC 6191). */
class TimeWaitScriptTest {

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
