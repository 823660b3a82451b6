package dev.tailbridge.tailnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PacketSplitterTest {

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private final PacketSplitter splitter = new PacketSplitter(allocator);
  private final List<ByteBuf> packets = new ArrayList<>();

  @Property(tries = 500)
  void packetsComeOutAsTheyWentInWhereverTheStreamIsCut(
      @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 20, max = 1500) Integer> sizes,
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 3000) Integer> cuts,
      @ForAll long seed) {
    Random random = new Random(seed);
    List<byte[]> sent = sizes.stream().map(size -> Packets.random(random, size)).toList();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    sent.forEach(all::writeBytes);
    assertThat(splitAt(all.toByteArray(), cuts)).isTrue();
    assertReceived(sent);
  }

  @Property(tries = 50)
  void packetsSurviveReadsOfOneByte(
      @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 20, max = 90) Integer> sizes,
      @ForAll long seed) {
    Random random = new Random(seed);
    List<byte[]> sent = sizes.stream().map(size -> Packets.random(random, size)).toList();
    for (byte[] packet : sent) {
      for (byte b : packet) {
        assertThat(splitter.split(Unpooled.wrappedBuffer(new byte[] {b}), packets::add)).isTrue();
      }
    }
    assertReceived(sent);
  }

  @Test
  void theLargestPacketsOfBothVersionsPass() {
    byte[] v4 = new byte[65535];
    Unpooled.wrappedBuffer(v4).setByte(0, 0x45).setShort(2, 65535);
    byte[] v6 = new byte[40 + 65535];
    Unpooled.wrappedBuffer(v6).setByte(0, 0x60).setShort(4, 65535);
    splitter.split(Unpooled.wrappedBuffer(v4, v6), packets::add);
    assertReceived(List.of(v4, v6));
  }

  @Test
  void everyPacketHasABufferOfItsOwn() {
    ByteBuf chunk = Unpooled.copiedBuffer(Packets.numbered(1, 60), Packets.numbered(2, 60));
    splitter.split(chunk, packets::add);
    chunk.setZero(0, chunk.capacity());
    packets.get(0).setZero(0, 60);
    assertThat(ByteBufUtil.getBytes(packets.get(1))).isEqualTo(Packets.numbered(2, 60));
    packets.forEach(ByteBuf::release);
  }

  @ParameterizedTest
  @CsvSource({
    "00, version 0",
    "35, version 3",
    "70, version 7",
    "44, IPv4 with a header of 16 bytes",
    "45000013, IPv4 with a total length below its header",
    "60000000000000, an IPv6 jumbogram",
    "46000017, IPv4 with options and a total length below its header"
  })
  void whatIsNoIpPacketLosesSync(String hex, String why) {
    byte[] bad = ByteBufUtil.decodeHexDump(hex);
    ByteBuf chunk = Unpooled.copiedBuffer(Packets.numbered(1, 40), bad);
    assertThat(splitter.split(chunk, packets::add)).as(why).isFalse();
    assertReceived(List.of(Packets.numbered(1, 40)));
  }

  @Test
  void aBadHeaderIsSeenAlsoWhenTheCutIsInsideIt() {
    assertThat(splitter.split(Unpooled.wrappedBuffer(new byte[] {0x45, 0, 0}), packets::add))
        .isTrue();
    assertThat(splitter.split(Unpooled.wrappedBuffer(new byte[] {5, 0}), packets::add)).isFalse();
    assertReceived(List.of());
  }

  private boolean splitAt(byte[] stream, List<Integer> cuts) {
    int at = 0;
    for (int size : cuts) {
      int end = Math.min(stream.length, at + size);
      if (!splitter.split(Unpooled.copiedBuffer(stream, at, end - at), packets::add)) {
        return false;
      }
      at = end;
    }
    return splitter.split(Unpooled.copiedBuffer(stream, at, stream.length - at), packets::add);
  }

  private void assertReceived(List<byte[]> sent) {
    assertThat(packets.stream().map(ByteBufUtil::getBytes).toList())
        .usingElementComparator(Arrays::compare)
        .containsExactlyElementsOf(sent);
    packets.forEach(ByteBuf::release);
    packets.clear(); // All tries of a property share this object.
    splitter.release();
    assertThat(allocator.metric().usedHeapMemory()).as("bytes leaked").isZero();
  }
}
