package dev.tailbridge.netstack.tcp;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.testing.VirtualClock;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a bad wire in virtual time: segments travel as bytes with a checksum, and are
 * lost, doubled, delayed, changed by a bit or cut off, the same way for the same seed.
 */
final class SegmentWire {

  private static final int PSEUDO_HEADER = 0x1234;
  private static final int IP_HEADER = 20;

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

  /** Before everything else; null for no limit. */
  @Nullable Bottleneck bottleneck;

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
      long leaves =
          bottleneck == null
              ? clock.nowNanos()
              : bottleneck.leaves(clock.nowNanos(), bytes.length + IP_HEADER);
      if (leaves >= 0 && random.nextDouble() >= loss) {
        long delay = delayNanos + (long) (random.nextDouble() * jitterNanos);
        clock.at(Math.max(notBefore, leaves + delay), () -> deliver(damaged(bytes)));
      }
    }
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
