package dev.tailbridge.netstack.tcp;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.testing.VirtualClock;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One direction of a bad wire in virtual time: segments travel as bytes with a checksum, and are
 * lost, doubled, delayed, changed by a bit or cut off, the same way for the same seed.
 */
final class SegmentWire {

  private static final int PSEUDO_HEADER = 0x1234;

  private final VirtualClock clock;
  private final Random random;
  private final Consumer<byte[]> arrival;
  double loss;
  double duplication;
  double corruption;
  double truncation;
  long delayNanos;
  long jitterNanos;

  /** Segments of more bytes, header included, are told of here and lost. */
  int largest = Integer.MAX_VALUE;

  Consumer<Segment> tooBig = segment -> {};

  /** The wire stands still until then. */
  long notBefore;

  /** What is lost beside what chance loses. */
  Predicate<Segment> loses = segment -> false;

  /** Bytes a second; 0 for no limit. */
  long rate;

  private long freeAt;
  long carried;

  SegmentWire(VirtualClock clock, long seed, Consumer<byte[]> arrival) {
    this.clock = clock;
    this.random = new Random(seed);
    this.arrival = arrival;
  }

  void send(Segment segment) {
    byte[] bytes = new byte[SegmentCodec.length(segment)];
    SegmentCodec.write(segment, bytes, 0);
    int checksum = ~sum(bytes) & 0xffff;
    bytes[16] = (byte) (checksum >>> 8);
    bytes[17] = (byte) checksum;
    carried++;
    if (bytes.length > largest) {
      tooBig.accept(segment);
      return;
    }
    if (loses.test(segment)) {
      return;
    }
    int copies = random.nextDouble() < duplication ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (random.nextDouble() >= loss) {
        long delay = delayNanos + (long) (random.nextDouble() * jitterNanos);
        long arrival = Math.max(notBefore, serialized(bytes.length) + delay);
        clock.at(arrival, () -> deliver(damaged(bytes)));
      }
    }
  }

  private long serialized(int length) {
    if (rate == 0) {
      return clock.nowNanos();
    }
    freeAt = Math.max(freeAt, clock.nowNanos()) + (length + 20) * 1_000_000_000L / rate;
    return freeAt;
  }

  private byte[] damaged(byte[] bytes) {
    byte[] arrived = bytes.clone();
    if (random.nextDouble() < corruption) {
      arrived[random.nextInt(arrived.length)] ^= (byte) (1 << random.nextInt(8));
    }
    if (random.nextDouble() < truncation) {
      arrived = Arrays.copyOf(arrived, random.nextInt(arrived.length));
    }
    return arrived;
  }

  private void deliver(byte[] bytes) {
    if (bytes.length >= SegmentCodec.HEADER_BYTES && sum(bytes) == 0xffff) {
      arrival.accept(bytes);
    }
  }

  /** The pseudo header has the length, which is how a cut segment is found out. */
  private static int sum(byte[] bytes) {
    int pseudo = InternetChecksum.add(PSEUDO_HEADER, bytes.length);
    return InternetChecksum.add(
        pseudo, InternetChecksum.sum(Unpooled.wrappedBuffer(bytes), 0, bytes.length));
  }
}
