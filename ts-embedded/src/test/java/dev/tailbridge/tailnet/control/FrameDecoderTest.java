package dev.tailbridge.tailnet.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameDecoderTest {

  private static final List<Frame> FRAMES =
      List.of(
          frame(Frame.ANSWER, 7, "{}"),
          frame(Frame.STATUS_EVENT, 0, "{\"node\":3,\"dnsName\":\"grüße.example\",\"ips\":[]}"),
          frame(255, -1, "{\"a\":{\"b\":null}}"));

  @Test
  void framesSurviveACutAtEveryByte() {
    byte[] stream = stream(FRAMES);
    for (int cut = 0; cut <= stream.length; cut++) {
      EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
      channel.writeInbound(Unpooled.copiedBuffer(stream, 0, cut));
      channel.writeInbound(Unpooled.copiedBuffer(stream, cut, stream.length - cut));
      assertThat(decoded(channel)).as("cut at %d", cut).isEqualTo(FRAMES);
    }
  }

  @Property(tries = 200)
  void framesSurviveAnyCuts(
      @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 30) Integer> cuts) {
    byte[] stream = stream(FRAMES);
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
    int at = 0;
    for (int size : cuts) {
      int end = Math.min(stream.length, at + size);
      channel.writeInbound(Unpooled.copiedBuffer(stream, at, end - at));
      at = end;
    }
    channel.writeInbound(Unpooled.copiedBuffer(stream, at, stream.length - at));
    assertThat(decoded(channel)).isEqualTo(FRAMES);
  }

  @Test
  void aFrameOfTheLargestLengthIsTaken() {
    String filler = "x".repeat(Frame.MAX_LENGTH - Frame.MIN_LENGTH - "{\"a\":\"\"}".length());
    Frame largest = frame(Frame.ANSWER, 1, "{\"a\":\"" + filler + "\"}");
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
    channel.writeInbound(Unpooled.wrappedBuffer(stream(List.of(largest))));
    assertThat(decoded(channel)).containsExactly(largest);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, Frame.MAX_LENGTH + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
  void aLengthOutOfRangeIsRefusedOnceAndEverythingAfterItSwallowed(int length) {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
    assertThatThrownBy(() -> channel.writeInbound(Unpooled.buffer().writeInt(length)))
        .isInstanceOf(CorruptedFrameException.class)
        .hasMessageContaining(Integer.toUnsignedString(length));
    channel.writeInbound(Unpooled.wrappedBuffer(stream(FRAMES)));
    assertThat(decoded(channel)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "null", "{", "{\"key\":\"secret", "\u0000\u0001"})
  void aBodyThatIsNoJsonObjectIsRefusedWithoutQuotingIt(String body) {
    byte[] json = body.getBytes(StandardCharsets.UTF_8);
    ByteBuf bytes =
        Unpooled.buffer().writeInt(Frame.MIN_LENGTH + json.length).writeByte(64).writeInt(1);
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
    assertThatThrownBy(() -> channel.writeInbound(bytes.writeBytes(json)))
        .isInstanceOf(CorruptedFrameException.class)
        .hasMessageContaining("type 64")
        .hasMessageNotContaining("secret");
  }

  @Property(tries = 500)
  void garbageNeverEscapesAsAnythingElse(@ForAll byte[] garbage) {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
    try {
      channel.writeInbound(Unpooled.wrappedBuffer(garbage));
    } catch (CorruptedFrameException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    channel.finishAndReleaseAll();
  }

  private static List<Frame> decoded(EmbeddedChannel channel) {
    List<Frame> frames = new ArrayList<>();
    for (Frame f = channel.readInbound(); f != null; f = channel.readInbound()) {
      frames.add(f);
    }
    channel.finishAndReleaseAll();
    return frames;
  }

  private static byte[] stream(List<Frame> frames) {
    ByteBuf all = Unpooled.buffer();
    for (Frame frame : frames) {
      ByteBuf bytes = frame.encode(UnpooledByteBufAllocator.DEFAULT);
      all.writeBytes(bytes);
      bytes.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  private static Frame frame(int type, int id, String json) {
    return new Frame(type, id, JsonParser.parseString(json).getAsJsonObject());
  }
}
