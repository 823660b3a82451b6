package dev.tailbridge.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {

  @Test
  void sumsTheExampleOfRfc1071() {
    ByteBuf bytes = Unpooled.wrappedBuffer(new byte[] {0, 1, (byte) 0xf2, 3, -12, -11, -10, -9});

    assertThat(InternetChecksum.sum(bytes, 0, 8)).isEqualTo(0xddf2);
  }

  @Test
  void updatesTheExampleOfRfc1624() {
    assertThat(InternetChecksum.update(0xdd2f, InternetChecksum.change(0x5555, 0x3285)))
        .isEqualTo(0x0000);
  }

  @Property
  void isWhatTheNaiveOneIs(
      @ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 40) int skip) {
    int from = Math.min(skip, bytes.length);
    int length = bytes.length - from;
    int naive = TestPacket.naiveChecksum(bytes, from, length);

    assertThat(InternetChecksum.of(Unpooled.wrappedBuffer(bytes), from, length)).isEqualTo(naive);
    assertThat(InternetChecksum.of(outsideOfTheHeap(bytes), from, length)).isEqualTo(naive);
  }

  private static ByteBuf outsideOfTheHeap(byte[] bytes) {
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    return Unpooled.wrappedBuffer(direct.flip());
  }

  @Property
  void everyCarryIsKept(@ForAll @IntRange(max = 70_000) int length) {
    byte[] ones = new byte[length];
    java.util.Arrays.fill(ones, (byte) 0xff);

    int naive = TestPacket.naiveChecksum(ones, 0, length);
    assertThat(InternetChecksum.of(Unpooled.wrappedBuffer(ones), 0, length)).isEqualTo(naive);
    assertThat(InternetChecksum.of(outsideOfTheHeap(ones), 0, length)).isEqualTo(naive);
  }

  @Property
  void updateIsWhatComputingAnewIs(
      @ForAll @Size(min = 8, max = 64) byte[] bytes, @ForAll int word, @ForAll short half) {
    // RFC 1624 needs one word that is not zero, as every header has.
    bytes[7] = 1;
    int checksum = TestPacket.naiveChecksum(bytes, 0, bytes.length);
    ByteBuffer view = ByteBuffer.wrap(bytes);
    int change =
        InternetChecksum.add(
            InternetChecksum.change32(view.getInt(0), word),
            InternetChecksum.change(view.getShort(4) & 0xffff, half & 0xffff));
    view.putInt(0, word).putShort(4, half);

    assertThat(InternetChecksum.update(checksum, change))
        .isEqualTo(TestPacket.naiveChecksum(bytes, 0, bytes.length));
  }
}
