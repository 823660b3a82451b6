package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static dev.tailbridge.netstack.tcp.Seg.syn;
import static dev.tailbridge.netstack.tcp.Seg.synAck;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What both sides agree on in their SYNs (RFC 9293 3.7.1, RFC 7323 2 and 3, RFC 2018 2). */
class OptionScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  /** RFC 7323 1.3, RFC 2018 2: an option is on when both sides named it, alone or with others. */
  @Test
  void everySetOfOptionsAgainstEveryOther() {
    for (int ours = 0; ours < 8; ours++) {
      for (int theirs = 0; theirs < 8; theirs++) {
        weCall(ours, theirs);
        theyCall(ours, theirs);
      }
    }
  }

  private static TcpConfig config(int options) {
    return Peer.MODERN.config().toBuilder()
        .options((options & 1) != 0, (options & 2) != 0, (options & 4) != 0)
        .build();
  }

  private static Seg with(Seg segment, int options) {
    return segment
        .shift((options & 1) != 0 ? 7 : -1)
        .timestamps((options & 2) != 0)
        .sackPermitted((options & 4) != 0);
  }

  private void weCall(int ours, int theirs) {
    TcpConfig config = config(ours);
    Script script =
        scripts
            .begin(Peer.MODERN, config)
            .connect()
            .expect(with(syn(), ours).shift((ours & 1) != 0 ? config.windowShift() : -1))
            .inject(with(synAck(), ours & theirs))
            .expect(ack());
    talk(script, ours & theirs);
  }

  private void theyCall(int ours, int theirs) {
    TcpConfig config = config(ours);
    int both = ours & theirs;
    Script script =
        scripts
            .begin(Peer.MODERN, config)
            .inject(with(syn(), theirs))
            .expect(with(synAck(), both).seq(0).shift((both & 1) != 0 ? config.windowShift() : -1))
            .inject(ack());
    talk(script, both);
  }

  private static void talk(Script script, int both) {
    // RFC 6691 2: the bytes of an option that is in every segment come out of its data.
    int mss = Peer.MODERN.mss - ((both & 2) != 0 ? 12 : 0);
    script
        .write(2 * mss)
        .expect(data(mss))
        .expect(data(mss))
        .inject(ack())
        .inject(data(10).seq(11).refused())
        .expect((both & 4) != 0 ? ack().sack(11, 21) : ack().sack())
        .inject(data(10))
        .expect(ack().ack(21).sack());
    TcpStats stats = script.tcb().stats();
    assertThat(stats.sack()).isEqualTo((both & 4) != 0);
    assertThat(stats.timestamps()).isEqualTo((both & 2) != 0);
  }

  /** RFC 9293 3.7.1, MUST-15 and MUST-16; ours is what we can take, theirs what they can. */
  @ParameterizedTest
  @CsvSource({"0, 536", "536, 536", "1000, 1000", "1380, 1380", "1460, 1380", "10, 88"})
  void segmentsAreNoLargerThanEitherSideSays(int named, int used) {
    scripts
        .begin(Peer.PLAIN, Peer.PLAIN.config())
        .inject(syn().mss(named))
        .expect(synAck().seq(0).mss(1380))
        .inject(ack())
        .write(3 * used)
        .expect(data(used))
        .expect(data(used))
        .expect(data(used));
  }

  /** RFC 9293 3.7.1: 1220 without the option over IPv6. */
  @Test
  void segmentsOverIpv6WithoutTheOption() {
    scripts
        .begin(Peer.PLAIN, TcpConfig.device(1420, true))
        .inject(syn().mss(0))
        .expect(synAck().seq(0).mss(1360))
        .inject(ack())
        .write(2440)
        .expect(data(1220))
        .expect(data(1220));
  }

  /** RFC 7323 2.2: the window of a SYN is not scaled. */
  @ParameterizedTest
  @EnumSource
  void windowOfASynIsNotScaled(Peer peer) {
    scripts
        .connecting(peer)
        .inject(synAck().win(600))
        .expect(ack())
        .write(1000)
        .expect(data(600))
        .inject(ack())
        .expect(data(400));
  }

  /** RFC 7323 2.3: a shift above 14 counts as 14. */
  @Test
  void shiftIsAtMostFourteen() {
    Script script =
        scripts.connecting(Peer.MODERN).inject(synAck().shift(15).win(100)).expect(ack());
    assertThat(script.tcb().stats().sendWindow()).isEqualTo(100);
    script.inject(ack().win(3 << 14));
    assertThat(script.tcb().stats().sendWindow()).isEqualTo(3 << 14);
  }

  /** RFC 7323 2.2: a shift of zero is an offer too, and lets ours be scaled. */
  @Test
  void shiftOfZeroIsAnOffer() {
    TcpConfig config = Peer.MODERN.config();
    Script script =
        scripts
            .begin(Peer.MODERN, config)
            .inject(syn().shift(0).win(2000))
            .expect(synAck().seq(0).shift(config.windowShift()))
            .inject(ack().win(2000));
    assertThat(script.tcb().stats().sendWindow()).isEqualTo(2000);
    assertThat(script.tcb().receiveShift).isEqualTo(config.windowShift()).isPositive();
  }

  /** RFC 7323 2.2: without the option from them, our own windows are not scaled either. */
  @Test
  void oursIsNotScaledWhenTheyDoNotScale() {
    TcpConfig config = Peer.MODERN.config();
    scripts
        .connecting(Peer.MODERN, config)
        .inject(synAck().shift(-1))
        .expect(ack().win(65535))
        .inject(data(1000))
        .expect(ack().win(64535));
  }

  /** RFC 7323 3.2: what was not agreed on does not appear, and counts for nothing when it comes. */
  @Test
  void timestampsThatWereNotAgreedOn() {
    scripts
        .connected(Peer.PLAIN)
        .inject(data(10).ts(5, 6))
        .expect(ack().timestamps(false))
        .inject(data(10).ts(4, 6))
        .expect(ack().timestamps(false))
        .read(20);
  }

  /** RFC 2018 2: blocks that were not agreed on make nothing be sent again. */
  @Test
  void blocksThatWereNotAgreedOn() {
    Script script = scripts.connected(Peer.PLAIN);
    int mss = script.mss();
    script
        .write(4 * mss)
        .expect(data(mss))
        .expect(data(mss))
        .expect(data(mss))
        .expect(data(mss))
        .inject(ack().ack(1).sack(1 + mss, 1 + 4 * mss))
        .expectNothing();
  }
}
