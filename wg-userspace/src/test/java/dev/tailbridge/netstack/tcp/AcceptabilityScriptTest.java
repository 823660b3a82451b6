package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.dataFin;
import static dev.tailbridge.netstack.tcp.Seg.fin;
import static dev.tailbridge.netstack.tcp.Seg.odd;
import static dev.tailbridge.netstack.tcp.Seg.rst;
import static dev.tailbridge.netstack.tcp.Seg.syn;
import static dev.tailbridge.netstack.tcp.TcpState.CLOSE_WAIT;
import static dev.tailbridge.netstack.tcp.TcpState.ESTABLISHED;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What lies partly or wholly outside the window, comes twice or in the wrong order (RFC 9293
 * 3.10.7.4, RFC 5961). The plain cases are in {@link SegmentTableTest}.
 */
class AcceptabilityScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  private static TcpConfig receiving(Peer peer, int bytes) {
    return peer.config().toBuilder().buffers(bytes, 16 << 10).build();
  }

  /** RFC 9293 3.10.7.4, first: what is right of the window is cut off. */
  @ParameterizedTest
  @EnumSource
  void dataBeyondTheWindowIsCutOff(Peer peer) {
    scripts
        .connected(peer, receiving(peer, 1000))
        .inject(data(1200))
        .expect(ack().ack(1001).win(0))
        .readable(1000)
        .read(1000)
        .expect(ack().ack(1001).win(1000))
        .inject(data(200).seq(1001))
        .expect(ack().ack(1201))
        .read(200);
  }

  /** RFC 9293 3.10.7.4, eighth: with the data, the FIN behind it is cut off. */
  @ParameterizedTest
  @EnumSource
  void finBeyondTheWindowIsCutOff(Peer peer) {
    scripts
        .connected(peer, receiving(peer, 1000))
        .inject(dataFin(1200))
        .expect(ack().ack(1001).win(0))
        .state(ESTABLISHED)
        .read(1000)
        .expect(ack().ack(1001).win(1000))
        .inject(dataFin(200).seq(1001))
        .expect(ack().ack(1202))
        .state(CLOSE_WAIT)
        .read(200)
        .endOfInput(true);
  }

  /** RFC 9293 3.10.7.4, seventh: a segment that covers what came and what is new. */
  @ParameterizedTest
  @EnumSource
  void overlapsAreJoined(Peer peer) {
    scripts
        .connected(peer)
        .inject(data(100))
        .expect(ack().ack(101))
        .inject(data(100).seq(151))
        .expect(ack().ack(101))
        .inject(data(300).seq(1))
        .expect(ack().ack(301))
        .read(300)
        .readable(0);
  }

  /** RFC 9293 3.10.7.4, eighth: a FIN behind a gap counts once the gap is filled. */
  @ParameterizedTest
  @EnumSource
  void finBehindAGapWaits(Peer peer) {
    scripts
        .connected(peer)
        .inject(dataFin(100).seq(101).refused())
        .expect(ack().ack(1))
        .state(ESTABLISHED)
        .inject(data(100).seq(1).refused())
        .expect(ack().ack(202))
        .state(CLOSE_WAIT)
        .read(200)
        .endOfInput(true);
  }

  /** A FIN and everything before it that come again after the FIN was taken. */
  @ParameterizedTest
  @EnumSource
  void finComesAgain(Peer peer) {
    scripts
        .connected(peer)
        .inject(dataFin(100))
        .expect(ack().ack(102))
        .inject(dataFin(100).seq(1))
        .expect(ack().ack(102))
        .inject(fin().seq(101))
        .expect(ack().ack(102))
        .state(CLOSE_WAIT)
        .read(100)
        .endOfInput(true);
  }

  /** RFC 5961 7: ten challenges a second for each connection, and no more. */
  @ParameterizedTest
  @EnumSource
  void challengesAreLimited(Peer peer) {
    Script script = scripts.connected(peer);
    for (int i = 0; i < 10; i++) {
      script.inject(rst().seq(10 + i)).expect(ack());
    }
    script.inject(rst().seq(10)).inject(syn().seq(10).refused()).expectNothing();
    script.inject(ack().seq(-10)).inject(ack().ack(2)).inject(syn().seq(-10)).expectNothing();
    script.after(ms(999)).inject(rst().seq(10)).expectNothing();
    script.after(ms(1)).inject(rst().seq(10)).expect(ack()).state(ESTABLISHED);
  }

  /** RFC 5961 3: a thousand blind resets and SYNs beside the exact number leave it open. */
  @ParameterizedTest
  @EnumSource
  void blindAttackDoesNotEndIt(Peer peer) {
    Script script = scripts.connected(peer).after(seconds(5));
    for (int i = 1; i <= 1000; i++) {
      script.quietly(rst().seq(1 + 60 * i)).quietly(syn().seq(1 + 60 * i).refused());
    }
    script.state(ESTABLISHED).inject(data(10)).expect(ack()).read(10);
  }

  /** Bounded reassembly: the 33rd piece behind a gap is dropped, what is in order never. */
  @ParameterizedTest
  @EnumSource
  void piecesBehindGapsAreBounded(Peer peer) {
    Script script = scripts.connected(peer);
    for (int i = 1; i <= 33; i++) {
      script.inject(data(10).seq(1 + 20 * i).refused()).expect(ack().ack(1));
    }
    script.inject(data(20).seq(1).refused()).expect(ack().ack(31));
    for (int i = 2; i <= 32; i++) {
      script.inject(data(10).seq(20 * i - 9).refused()).expect(ack().ack(20 * i + 11));
    }
    script.inject(data(10).seq(651).refused()).expectAfter(ms(40), ack().ack(661)).read(660);
  }

  /** What is in order has precedence over pieces behind gaps when both do not fit. */
  @ParameterizedTest
  @EnumSource
  void dataInOrderReplacesNothingThatWasAcknowledged(Peer peer) {
    Script script = scripts.connected(peer);
    for (int i = 1; i <= 32; i++) {
      script.inject(data(10).seq(1 + 20 * i).refused()).expect(ack().ack(1));
    }
    // Not joined to any piece: with 32 of them the last one has to go.
    script.inject(data(10).seq(1).refused()).expect(ack().ack(11)).read(10);
  }

  /**
   * RFC 9293 3.10.7.4, first: both ends outside, although the window lies between: nothing of it.
   */
  @ParameterizedTest
  @EnumSource
  void segmentAroundTheWindow(Peer peer) {
    scripts
        .connected(peer, receiving(peer, 100))
        .inject(data(300).seq(-99).refused())
        .expect(ack().ack(1).sack())
        .readable(0)
        .inject(odd(Segment.SYN | Segment.ACK, 300).seq(-99).refused())
        .expect(ack().ack(1).sack())
        .readable(0)
        .inject(data(100).seq(1))
        .expect(ack().ack(101))
        .read(100)
        .expect(ack().win(100));
  }

  /** RFC 9293 3.4: all of this where sequence numbers wrap. */
  @ParameterizedTest
  @EnumSource
  void sequenceNumbersWrap(Peer peer) {
    Script script = scripts.connected(peer);
    for (int i = 0; i < 10; i++) {
      script.quietly(data(100)).read(100);
      script.write(100).expect(data(100)).inject(ack());
    }
    script.state(ESTABLISHED);
  }
}
