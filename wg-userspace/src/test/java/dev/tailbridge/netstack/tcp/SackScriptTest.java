package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static dev.tailbridge.netstack.tcp.Scripts.RTT;
import static dev.tailbridge.netstack.tcp.Seg.ack;
import static dev.tailbridge.netstack.tcp.Seg.data;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Selective acknowledgments, both ways (RFC 2018, 2883, 6675), with a peer that agreed on them. */
class SackScriptTest {

  @RegisterExtension final Scripts scripts = new Scripts();

  private static final int MSS = 1228;

  /** The relative number of the first byte of the segment with this index. */
  private static int at(int segment) {
    return 1 + segment * MSS;
  }

  private Script sent(int segments, int... lost) {
    Script script = scripts.connected(Peer.MODERN);
    script.write(segments * MSS);
    for (int i = 0; i < Math.min(10, segments); i++) {
      boolean gone = false;
      for (int one : lost) {
        gone |= one == i;
      }
      Script unused = gone ? script.lose(data(MSS)) : script.expect(data(MSS));
    }
    return script.after(RTT);
  }

  /** RFC 2018 4: the block that grew last comes first; three fit beside timestamps. */
  @Test
  void blocksThatWeReport() {
    Script script = scripts.connected(Peer.MODERN);
    script.inject(data(10).seq(21).refused()).expect(ack().ack(1).sack(21, 31));
    script.inject(data(10).seq(41).refused()).expect(ack().ack(1).sack(41, 51, 21, 31));
    script.inject(data(10).seq(61).refused()).expect(ack().ack(1).sack(61, 71, 41, 51, 21, 31));
    script.inject(data(10).seq(81).refused()).expect(ack().ack(1).sack(81, 91, 61, 71, 41, 51));
    script.inject(data(10).seq(31).refused()).expect(ack().ack(1).sack(21, 51, 81, 91, 61, 71));
    script.inject(data(20).seq(1).refused()).expect(ack().ack(51).sack(81, 91, 61, 71));
    script.inject(data(10).seq(51).refused()).expect(ack().ack(71).sack(81, 91));
    script.inject(data(10).seq(71).refused()).expect(ack().ack(91).sack()).read(90);
  }

  /** RFC 2018 3: four without timestamps. */
  @Test
  void fourBlocksWithoutTimestamps() {
    TcpConfig config = Peer.MODERN.config().toBuilder().options(true, false, true).build();
    Script script = scripts.connected(Peer.MODERN, config);
    for (int i = 1; i <= 5; i++) {
      script.quietly(data(10).seq(1 + 20 * i).refused());
    }
    script
        .inject(data(5).seq(31).refused())
        .expect(ack().ack(1).sack(21, 36, 101, 111, 81, 91, 61, 71));
  }

  /** RFC 2018 3: blocks and data share a segment, which gets no larger. */
  @Test
  void blocksBesideData() {
    Script script = scripts.connected(Peer.MODERN);
    script.inject(data(10).seq(21).refused()).expect(ack().ack(1).sack(21, 31));
    script.write(2 * MSS).expect(data(MSS - 28).ack(1).sack(21, 31));
    script.expect(data(MSS - 28).ack(1).sack(21, 31)).expect(data(56).ack(1).sack(21, 31));
    script.inject(data(20).seq(1).refused()).expect(ack().ack(31).sack());
  }

  /** RFC 2883 4: a segment that came twice is reported, once, before the others. */
  @Test
  void duplicatesThatWeReport() {
    Script script = scripts.connected(Peer.MODERN).inject(data(100)).expect(ack());
    script.inject(data(100).seq(1)).expect(ack().sack(1, 101));
    script.inject(data(10).seq(201).refused()).expect(ack().ack(101).sack(201, 211));
    script.inject(data(5).seq(203).refused()).expect(ack().ack(101).sack(203, 208, 201, 211));
    script.inject(data(100)).expect(ack().ack(211).sack());
  }

  /** RFC 6675 5: two holes are filled in one round trip. */
  @Test
  void twoHolesInOneRoundTrip() {
    Script script = sent(10, 0, 4);
    script
        .inject(ack().ack(1).sack(at(1), at(2)))
        .inject(ack().ack(1).sack(at(1), at(3)))
        .expectNothing()
        .inject(ack().ack(1).sack(at(1), at(4)))
        .expect(data(MSS).seq(at(0)))
        .inject(ack().ack(1).sack(at(5), at(6), at(1), at(4)))
        .inject(ack().ack(1).sack(at(5), at(7), at(1), at(4)))
        .inject(ack().ack(1).sack(at(5), at(8), at(1), at(4)))
        .expect(data(MSS).seq(at(4)))
        // Rule 4 of NextSeg: the end may be lost too, and nothing else would show it.
        .expect(data(MSS).seq(at(9)))
        .inject(ack().ack(1).sack(at(5), at(10), at(1), at(4)))
        .expectNothing()
        .after(RTT)
        .inject(ack().ack(at(4)).sack(at(5), at(10)))
        .inject(ack())
        .after(seconds(60))
        .expectNothing();
    assertThat(script.tcb().stats().retransmissions()).isEqualTo(3);
    assertThat(script.tcb().stats().slowStartThreshold()).isEqualTo(5 * MSS);
  }

  /** RFC 6675 4, IsLost: three segments above it in one acknowledgment are enough. */
  @Test
  void oneAcknowledgmentWithThreeSegmentsIsEnough() {
    sent(10, 0)
        .inject(ack().ack(1).sack(at(1), at(4)))
        .expect(data(MSS).seq(1))
        .inject(ack())
        .expectNothing();
  }

  /** RFC 3042, RFC 6675 5 (3.3): the first two duplicates let new segments go. */
  @Test
  void limitedTransmit() {
    sent(20, 0)
        .inject(ack().ack(1).sack(at(1), at(2)))
        .expect(data(MSS))
        .inject(ack().ack(1).sack(at(1), at(3)))
        .expect(data(MSS))
        .inject(ack().ack(1).sack(at(1), at(4)))
        .expect(data(MSS).seq(1))
        .expectNothing();
  }

  /** RFC 6675 2: an acknowledgment without new blocks is no duplicate. */
  @Test
  void acknowledgmentsWithoutNewBlocks() {
    Script script = sent(10, 0);
    for (int i = 0; i < 10; i++) {
      script.inject(ack().ack(1).sack(at(1), at(2)));
    }
    script.expectNothing();
  }

  /** RFC 2883 5: a report of a duplicate is no news of a loss. */
  @Test
  void duplicatesThatTheyReport() {
    Script script = sent(10);
    script.inject(ack().ack(at(5)).sack(at(0), at(1)));
    script.inject(ack().ack(at(5)).sack(at(1), at(2)));
    script.inject(ack().ack(at(5)).sack(at(2), at(3))).expectNothing();
  }

  /** Blocks of what was never sent, or turned round, count for nothing. */
  @Test
  void senselessBlocks() {
    Script script = sent(10, 0);
    script.inject(ack().ack(1).sack(at(11), at(20)));
    script.inject(ack().ack(1).sack(at(5), at(2)));
    script.inject(ack().ack(1).sack(-5000, at(9)));
    script.inject(ack().ack(1).sack(at(3), at(3), 0x7fffff00, at(2))).expectNothing();
  }

  /** RFC 2018 8: a timeout sends the left edge again, whatever was reported of it before. */
  @Test
  void theyForgetWhatTheyReported() {
    Script script = sent(4, 0, 1, 2, 3);
    script.inject(ack().ack(1).sack(at(1), at(2)));
    script.after(script.tcb().nextDeadline() - script.now()).lose(data(MSS).seq(at(0)));
    script.after(script.tcb().nextDeadline() - script.now()).expect(data(MSS).seq(at(0)));
    script.inject(ack().ack(at(1))).lose(data(MSS).seq(at(2))).lose(data(MSS).seq(at(3)));
    script.after(script.tcb().nextDeadline() - script.now()).expect(data(MSS).seq(at(1)));
    script.inject(ack().ack(at(2)));
    script.expect(data(MSS).seq(at(2))).expect(data(MSS).seq(at(3))).inject(ack());
    script.after(seconds(60)).expectNothing();
  }

  /** RFC 6675 5 (C): what is on its way never exceeds the halved window. */
  @Test
  void recoveryKeepsToTheWindow() {
    Script script = sent(40, 0);
    int blocks = 1;
    for (int i = 2; i <= 10; i++) {
      script.quietly(ack().ack(1).sack(at(1), at(i)));
      blocks++;
      int held = (blocks - 1) * MSS;
      int pipe = script.tcb().nxt - script.tcb().una - held;
      assertThat(pipe).as("on its way or lost").isLessThanOrEqualTo(11 * MSS);
    }
    assertThat(script.tcb().stats().congestionWindow()).isLessThanOrEqualTo(6 * MSS);
    script.after(ms(1)).expectNothing();
  }
}
