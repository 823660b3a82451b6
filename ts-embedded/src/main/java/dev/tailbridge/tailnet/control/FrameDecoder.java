package dev.tailbridge.tailnet.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Cuts the control stream into {@link Frame}s.
 *
 * <p>A length out of range or a body that is no JSON object means that the two sides no longer
 * agree where frames begin: it throws {@link CorruptedFrameException}, once, and swallows what
 * follows. Never more than one frame is buffered beyond what one read brought.
 */
final class FrameDecoder extends ByteToMessageDecoder {

  private boolean corrupted;

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (corrupted) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (in.readableBytes() < 4) {
      return;
    }
    long length = in.getUnsignedInt(in.readerIndex());
    if (length < Frame.MIN_LENGTH || length > Frame.MAX_LENGTH) {
      throw corrupted("a frame of " + length + " bytes");
    }
    if (in.readableBytes() < 4 + length) {
      return;
    }
    in.skipBytes(4);
    int type = in.readUnsignedByte();
    int requestId = in.readInt();
    String json =
        in.readCharSequence((int) length - Frame.MIN_LENGTH, StandardCharsets.UTF_8).toString();
    out.add(new Frame(type, requestId, parse(type, json)));
  }

  private JsonObject parse(int type, String json) {
    try {
      JsonElement element = JsonParser.parseString(json);
      if (element.isJsonObject()) {
        return element.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      // Told below, without the body: it may hold a private key.
    }
    throw corrupted("a frame of type " + type + " whose body is no JSON object");
  }

  private CorruptedFrameException corrupted(String what) {
    corrupted = true;
    return new CorruptedFrameException(what);
  }
}
