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

/** The send queue and its ring against a count of bytes with known values. */
class SendQueueModelTest {

  private enum Kind {
    WRITE,
    ACKNOWLEDGE,
    LEND,
    TRIM
  }

  private record Op(Kind kind, int amount, int place) {}

  @Provide
  Arbitrary<List<Op>> ops() {
    Arbitrary<Integer> amounts =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.integers().between(0, 10)),
            Tuple.of(2, Arbitraries.integers().between(0, 3000)),
            Tuple.of(1, Arbitraries.integers().between(0, 40_000)));
    return Combinators.combine(
            Arbitraries.of(Kind.class), amounts, Arbitraries.integers().between(0, 1000))
        .as(Op::new)
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 1000)
  void keepsWhatIsNotAcknowledged(
      @ForAll("ops") List<Op> ops,
      @ForAll int first,
      @ForAll @IntRange(min = 1, max = 40_000) int capacity) {
    SendQueue queue = new SendQueue(capacity, first);
    int written = 0;
    int acknowledged = 0;
    for (Op op : ops) {
      int size = written - acknowledged;
      switch (op.kind) {
        case WRITE -> {
          byte[] source = new byte[op.amount + 3];
          for (int i = 0; i < op.amount; i++) {
            source[3 + i] = value(written + i);
          }
          int taken = queue.write(source, 3, op.amount);
          assertThat(taken).isEqualTo(Math.min(op.amount, capacity - size));
          written += taken;
        }
        case ACKNOWLEDGE -> {
          // More than there is: a FIN counts one beyond the data. Less than before: an old one.
          int to = Math.min(acknowledged + op.amount, written + 1) - op.place % 2;
          queue.acknowledged(first + to);
          acknowledged = Math.max(acknowledged, Math.min(to, written));
        }
        case LEND -> {
          int from = size == 0 ? 0 : op.place % size;
          int length = Math.min(op.amount, size - from);
          check(queue, first, acknowledged + from, length);
        }
        case TRIM -> queue.trim();
      }
      assertThat(queue.size()).isEqualTo(written - acknowledged);
      assertThat(queue.space()).isEqualTo(capacity - queue.size());
      assertThat(queue.dataEnd() - first).isEqualTo(written);
      assertThat(queue.end() - first).isEqualTo(written);
      int array = Math.max(2048, Integer.highestOneBit(Math.max(1, capacity - 1)) << 1);
      assertThat(queue.memory()).isLessThanOrEqualTo(array);
    }
    check(queue, first, acknowledged, written - acknowledged);
    queue.queueFin();
    assertThat(queue.space()).isZero();
    assertThat(queue.write(new byte[1], 0, 1)).isZero();
    assertThat(queue.end() - first).isEqualTo(written + 1);
    assertThat(queue.dataEnd() - first).isEqualTo(written);
  }

  private static void check(SendQueue queue, int first, int from, int length) {
    if (length == 0) {
      return;
    }
    Segment segment = new Segment().clear();
    queue.lend(first + from, length, segment);
    assertThat(segment.dataLength).isEqualTo(length);
    byte[] bytes = new byte[length];
    segment.copyData(0, bytes, 0, length);
    for (int i = 0; i < length; i++) {
      if (bytes[i] != value(from + i)) {
        assertThat(bytes[i]).as("byte %s", from + i).isEqualTo(value(from + i));
      }
    }
  }

  private static byte value(int at) {
    return (byte) (at * 31 + (at >> 8) * 7);
  }
}
