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
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** The set of sequence numbers against a set of bits, wherever in the numbers it lies. */
class SequenceRangesModelTest {

  private static final int CAPACITY = 6;

  private enum Kind {
    ADD,
    REMOVE_BEFORE,
    REMOVE_LAST,
    TRIM,
    CLEAR
  }

  private record Op(Kind kind, int at, int length) {}

  @Provide
  Arbitrary<List<Op>> ops() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(20, Kind.ADD),
            Tuple.of(3, Kind.REMOVE_BEFORE),
            Tuple.of(2, Kind.REMOVE_LAST),
            Tuple.of(1, Kind.TRIM),
            Tuple.of(1, Kind.CLEAR));
    return Combinators.combine(
            kinds, Arbitraries.integers().between(0, 60), Arbitraries.integers().between(1, 12))
        .as(Op::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 1500)
  void isASetOfBits(
      @ForAll("ops") List<Op> ops,
      @ForAll int base,
      @ForAll @IntRange(max = 75) int from,
      @ForAll @IntRange(max = 75) int to) {
    SequenceRanges ranges = new SequenceRanges(CAPACITY);
    BitSet bits = new BitSet();
    int lastAdded = -1;
    for (Op op : ops) {
      switch (op.kind) {
        case ADD -> {
          BitSet after = (BitSet) bits.clone();
          after.set(op.at, op.at + op.length);
          boolean fits = runs(after) <= CAPACITY;
          assertThat(ranges.add(base + op.at, base + op.at + op.length)).isEqualTo(fits);
          if (fits) {
            bits = after;
            lastAdded = op.at;
          }
        }
        case REMOVE_BEFORE -> {
          ranges.removeBefore(base + op.at);
          bits.clear(0, op.at);
        }
        case REMOVE_LAST -> {
          if (!bits.isEmpty()) {
            int start = bits.previousClearBit(bits.length() - 1) + 1;
            assertThat(ranges.removeLast()).isEqualTo(bits.length() - start);
            bits.clear(start, bits.length());
          }
        }
        case TRIM -> ranges.trim();
        case CLEAR -> {
          ranges.clear();
          bits.clear();
        }
      }
      compare(ranges, bits, base);
    }
    questions(ranges, bits, base, Math.min(from, to), Math.max(from, to));
    if (lastAdded >= 0 && bits.get(lastAdded)) {
      int latest = ranges.latestBefore(Long.MAX_VALUE);
      assertThat(ranges.start(latest) - base).isLessThanOrEqualTo(lastAdded);
      assertThat(ranges.end(latest) - base).isGreaterThan(lastAdded);
    }
  }

  private static int runs(BitSet bits) {
    int runs = 0;
    for (int at = bits.nextSetBit(0); at >= 0; at = bits.nextSetBit(bits.nextClearBit(at))) {
      runs++;
    }
    return runs;
  }

  private static void compare(SequenceRanges ranges, BitSet bits, int base) {
    assertThat(ranges.total()).isEqualTo(bits.cardinality());
    assertThat(ranges.count()).isEqualTo(runs(bits));
    int at = 0;
    for (int i = 0; i < ranges.count(); i++) {
      int start = bits.nextSetBit(at);
      at = bits.nextClearBit(start);
      assertThat(ranges.start(i) - base).isEqualTo(start);
      assertThat(ranges.end(i) - base).isEqualTo(at);
    }
    long before = Long.MAX_VALUE;
    for (int i = 0; i < ranges.count(); i++) {
      int latest = ranges.latestBefore(before);
      assertThat(ranges.stamp(latest)).as("stamps fall").isLessThan(before);
      before = ranges.stamp(latest);
    }
    assertThat(ranges.latestBefore(before)).isEqualTo(-1);
    assertThat(ranges.memory()).isLessThanOrEqualTo(16 * CAPACITY);
  }

  private static void questions(SequenceRanges ranges, BitSet bits, int base, int from, int to) {
    assertThat(ranges.firstMissing(base + from) - base).isEqualTo(bits.nextClearBit(from));
    if (from < to) {
      boolean all = bits.nextClearBit(from) >= to;
      assertThat(ranges.covers(base + from, base + to)).isEqualTo(all);
      assertThat(ranges.overlap(base + from, base + to))
          .isEqualTo(bits.get(from, to).cardinality());
    }
    int next = from;
    while (next < 100 && !(bits.get(next) && (next == 0 || !bits.get(next - 1)))) {
      next++;
    }
    assertThat(ranges.nextStart(base + from, base + 100) - base).isEqualTo(Math.min(next, 100));
  }
}
