package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** The scoreboard against RFC 6675's definitions, byte by byte. */
class ScoreboardModelTest {

  private static final int MSS = 10;
  private static final int SENT = 200;

  private record Block(int start, int end) {}

  @Provide
  Arbitrary<List<Block>> blocks() {
    Arbitrary<Integer> places = Arbitraries.integers().between(-20, SENT + 20);
    Arbitrary<Integer> lengths = Arbitraries.integers().between(-5, 40);
    return Combinators.combine(places, lengths)
        .as((at, length) -> new Block(at, at + length))
        .list()
        .ofMaxSize(20);
  }

  @Property(tries = 1500)
  void knowsWhatIsLost(
      @ForAll("blocks") List<Block> blocks,
      @ForAll int base,
      @ForAll @IntRange(max = SENT) int acknowledged) {
    Scoreboard scoreboard = new Scoreboard();
    BitSet held = new BitSet();
    for (Block block : blocks) {
      Segment ack = new Segment().clear();
      ack.addSack(base + block.start, base + block.end);
      int before = held.cardinality();
      // Below what is acknowledged it is a report of a duplicate, beyond SND.NXT a lie.
      if (block.start > 0 && block.start < block.end && block.end <= SENT) {
        held.set(block.start, block.end);
      }
      assertThat(scoreboard.update(ack, base, base + SENT))
          .as("news")
          .isEqualTo(held.cardinality() > before);
      compare(scoreboard, held, base, 0);
    }
    scoreboard.acknowledged(base + acknowledged);
    held.clear(0, acknowledged);
    compare(scoreboard, held, base, acknowledged);
  }

  private static void compare(Scoreboard scoreboard, BitSet held, int base, int una) {
    assertThat(scoreboard.total()).isEqualTo(held.cardinality());
    assertThat(scoreboard.isEmpty()).isEqualTo(held.isEmpty());
    if (!held.isEmpty()) {
      assertThat(scoreboard.highest() - base).isEqualTo(held.length());
    }
    assertThat(scoreboard.missing(base + una, base + SENT))
        .isEqualTo(SENT - una - held.get(una, SENT).cardinality());
    assertThat(scoreboard.firstMissing(base + una) - base).isEqualTo(held.nextClearBit(una));
    int edge = scoreboard.lossEdge(base + una, MSS) - base;
    for (int at = una; at < SENT; at++) {
      if (!held.get(at)) {
        assertThat(at < edge).as("byte %s of %s is lost", at, held).isEqualTo(isLost(held, at));
      }
    }
  }

  /** RFC 6675 4, IsLost. */
  private static boolean isLost(BitSet held, int at) {
    int runs = 0;
    int bytes = 0;
    for (int i = held.nextSetBit(at); i >= 0; i = held.nextSetBit(held.nextClearBit(i))) {
      runs++;
      bytes += held.nextClearBit(i) - i;
    }
    return runs >= 3 || bytes > 2 * MSS;
  }
}
