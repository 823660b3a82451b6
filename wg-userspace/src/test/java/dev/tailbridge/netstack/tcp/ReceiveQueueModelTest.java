package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** The reassembler against a naive map of bytes: any segments, in any order, read at any pace. */
class ReceiveQueueModelTest {

  private static final int MSS = 100;
  private static final int FIELD = 0xffff;

  private enum Kind {
    /** A segment that begins so many bytes from RCV.NXT. */
    SEGMENT,
    READ,
    OFFER,
    TRIM
  }

  private record Op(Kind kind, int at, int length) {}

  @Provide
  Arbitrary<List<Op>> ops() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequencyOf(
            Tuple.of(8, Arbitraries.just(Kind.SEGMENT)),
            Tuple.of(2, Arbitraries.just(Kind.READ)),
            Tuple.of(2, Arbitraries.just(Kind.OFFER)),
            Tuple.of(1, Arbitraries.just(Kind.TRIM)));
    Arbitrary<Integer> places =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.integers().between(-60, 0)),
            Tuple.of(2, Arbitraries.just(0)),
            Tuple.of(6, Arbitraries.integers().between(0, 1200)),
            Tuple.of(1, Arbitraries.integers().between(1200, 9000)));
    Arbitrary<Integer> lengths =
        Arbitraries.frequencyOf(
            Tuple.of(4, Arbitraries.integers().between(0, 8)),
            Tuple.of(2, Arbitraries.integers().between(1, 600)),
            Tuple.of(1, Arbitraries.integers().between(1, 5000)));
    return Combinators.combine(kinds, places, lengths).as(Op::new).list().ofMaxSize(120);
  }

  @Property(tries = 1500)
  void isAMapOfBytes(
      @ForAll("ops") List<Op> ops,
      @ForAll int initial,
      @ForAll @IntRange(min = 1, max = 9000) int capacity,
      @ForAll @IntRange(max = 3) int shift) {
    Model model = new Model(initial, capacity, shift);
    for (Op op : ops) {
      switch (op.kind) {
        case SEGMENT -> model.segment(op.at, op.length);
        case READ -> model.read(op.length);
        case OFFER -> model.offer();
        case TRIM -> model.queue.trim();
      }
      model.compare();
    }
    model.read(Integer.MAX_VALUE);
    model.queue.trim();
    model.compare();
  }

  /** The queue and what it must be equal to. Places count from the first byte of the stream. */
  private static final class Model {
    final ReceiveQueue queue;
    final int base;
    final int capacity;
    final int shift;
    final boolean[] held = new boolean[1_000_000];
    int next;
    int edge;
    int read;

    Model(int initial, int capacity, int shift) {
      this.queue = new ReceiveQueue(capacity, capacity);
      this.base = initial + 1;
      this.capacity = capacity;
      this.shift = shift;
      this.edge = Math.min(capacity, FIELD);
      queue.begin(initial, edge);
    }

    void segment(int from, int length) {
      Segment segment = new Segment().clear();
      segment.data = new byte[length];
      segment.dataLength = length;
      int start = next + from;
      for (int i = 0; i < length; i++) {
        segment.data[i] = value(start + i);
      }
      boolean duplicate = length > 0 && (start + length <= next || all(start, start + length));
      int first = Math.max(start, next);
      int end = Math.min(start + length, edge);
      boolean taken = first < end && take(first, end);
      int before = next;
      while (held[next]) {
        next++;
      }
      boolean more = queue.insert(base + start, segment);
      assertThat(more).as("more in order").isEqualTo(next > before);
      report(start, start + length, duplicate, taken);
    }

    private boolean all(int start, int end) {
      for (int i = Math.max(start, 0); i < end; i++) {
        if (!held[i] && i >= next) {
          return false;
        }
      }
      return start >= next;
    }

    /** Whether it is kept: a piece of its own behind a gap is not when there are 32 others. */
    private boolean take(int first, int end) {
      boolean joins = (first > 0 && first > next && held[first - 1]) || held[end];
      for (int i = first; i < end; i++) {
        joins |= held[i];
      }
      if (!joins && pieces() == ReceiveQueue.MAX_PIECES) {
        if (first != next) {
          return false;
        }
        int last = held.length - 1;
        while (!held[last]) {
          last--;
        }
        while (last > next && held[last]) {
          held[last--] = false;
        }
      }
      java.util.Arrays.fill(held, first, end, true);
      return true;
    }

    private int pieces() {
      int pieces = 0;
      for (int i = next; i < edge; i++) {
        if (held[i] && (i == next || !held[i - 1])) {
          pieces++;
        }
      }
      return pieces;
    }

    /** RFC 2018 4, RFC 2883 4. */
    private void report(int start, int end, boolean duplicate, boolean taken) {
      Segment ack = new Segment().clear();
      queue.report(ack, 4);
      int expected = Math.min(4, pieces() + (duplicate ? 1 : 0));
      assertThat(ack.sackBlocks).as("blocks").isEqualTo(expected);
      int block = 0;
      if (duplicate) {
        assertThat(ack.sack[0] - base).isEqualTo(start);
        assertThat(ack.sack[1] - base).isEqualTo(end);
        block = 1;
      } else if (taken && end > next && Math.max(start, next) < edge) {
        assertThat(ack.sack[0] - base).as("first block").isLessThanOrEqualTo(Math.max(start, next));
        assertThat(ack.sack[1] - base).isGreaterThanOrEqualTo(Math.min(end, edge));
      }
      for (; block < ack.sackBlocks; block++) {
        int from = ack.sack[2 * block] - base;
        int to = ack.sack[2 * block + 1] - base;
        assertThat(from).isGreaterThan(next);
        assertThat(held[from - 1] || held[to]).as("a block is whole").isFalse();
        for (int i = from; i < to; i++) {
          assertThat(held[i]).isTrue();
        }
      }
    }

    void read(int most) {
      byte[] bytes = new byte[Math.min(most, 20_000)];
      int count = queue.read(bytes, 0, bytes.length);
      assertThat(count).as("bytes read").isEqualTo(Math.min(bytes.length, next - read));
      for (int i = 0; i < count; i++) {
        if (bytes[i] != value(read)) {
          assertThat(bytes[i]).as("byte %s", read).isEqualTo(value(read));
        }
        read++;
      }
    }

    /** RFC 9293 3.8.6.2.2: never back, never a crumb, never more than there is room for. */
    void offer() {
      int before = edge;
      int free = capacity - (next - read);
      int step = next + Math.min(free, FIELD << shift) - before;
      queue.offer(MSS, shift);
      edge = queue.next() + queue.window() - base;
      assertThat(edge).as("right edge").isGreaterThanOrEqualTo(before);
      assertThat(edge - read).as("what may have to be held").isLessThanOrEqualTo(capacity);
      int unit = 1 << shift;
      if (step >= Math.min(MSS, Math.max(1, capacity / 4)) + unit) {
        assertThat(edge).as("edge where there is room").isGreaterThan(before);
      }
      if (edge > before) {
        assertThat(edge - before)
            .as("step")
            .isGreaterThanOrEqualTo(Math.min(MSS, Math.max(1, capacity / 4)));
      }
    }

    void compare() {
      assertThat(queue.next() - base).as("RCV.NXT").isEqualTo(next);
      assertThat(queue.window()).as("RCV.WND").isEqualTo(edge - next);
      assertThat(queue.readable()).isEqualTo(next - read);
      assertThat(queue.hasGap()).isEqualTo(pieces() > 0);
      int array = Math.max(2048, Integer.highestOneBit(Math.max(1, capacity - 1)) << 1);
      assertThat(queue.memory()).isLessThanOrEqualTo(array + 16 * ReceiveQueue.MAX_PIECES);
    }

    private static byte value(int at) {
      return (byte) (at * 31 + (at >> 8) * 7);
    }
  }
}
