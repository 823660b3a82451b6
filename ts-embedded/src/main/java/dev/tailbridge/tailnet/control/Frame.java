package dev.tailbridge.tailnet.control;

import com.google.gson.JsonObject;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * One frame.
 *
 * @param type the type byte: a {@link RequestType}'s, {@link #ANSWER} or an event's
 * @param requestId which request it is or answers; 0 for events
 */
record Frame(int type, int requestId, JsonObject body) {

  /** The largest length field that is accepted or sent, in bytes. */
  static final int MAX_LENGTH = 1 << 20;

  /** The type byte and the request id: the least that the length field can say. */
  static final int MIN_LENGTH = 1 + 4;

  static final int ANSWER = 64;
  static final int STATUS_EVENT = 65;
  static final int LOG_EVENT = 66;
  static final int ENDED_EVENT = 67;

  ByteBuf encode(ByteBufAllocator allocator) {
    byte[] json = body.toString().getBytes(StandardCharsets.UTF_8);
    int length = MIN_LENGTH + json.length;
    return allocator
        .directBuffer(4 + length)
        .writeInt(length)
        .writeByte(type)
        .writeInt(requestId)
        .writeBytes(json);
  }
}
