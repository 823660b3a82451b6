package dev.tailbridge.tailnet.control;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.RequestFailedException.Cause;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Java's end of the control pair.
 *
 * <ul>
 *   <li>Any thread may ask; everything else happens on the control loop, which is the only writer.
 *   <li>Every request completes: with its answer, with an error, at its deadline, or when the
 *       connection closes. Futures complete on the control loop.
 *   <li>An answer that nobody waits for any more is ignored, except that one which hands something
 *       over (a descriptor) goes to the request's {@code unclaimed}, so nothing leaks.
 *   <li>A stream that no longer parses closes the connection.
 * </ul>
 */
// A failed registration or write closes the channel, and closing fails every request.
@SuppressWarnings("FutureReturnValueIgnored")
public final class ControlConnection {

  /** Requests that may wait at once; one more fails at once instead of piling up. */
  static final int MAX_WAITING = 4096;

  private final EventLoop loop;
  private final Channel channel;
  private final ControlListener listener;

  // Confined to the loop.
  private final Map<Integer, Waiting> waiting = new HashMap<>();
  private int lastRequestId;
  private @Nullable String closeReason;

  /** One request on its way. It stays after its deadline only if its answer may need disposal. */
  private record Waiting(
      String label,
      CompletableFuture<JsonObject> future,
      @Nullable Consumer<JsonObject> unclaimed) {

    void fail(Cause cause, String what) {
      future.completeExceptionally(new RequestFailedException(cause, label + what));
    }
  }

  private ControlConnection(EventLoop loop, Channel channel, ControlListener listener) {
    this.loop = loop;
    this.listener = listener;
    this.channel = channel;
    channel.pipeline().addLast(new FrameDecoder(), new Dispatcher());
  }

  /**
   * Takes over a connected stream socket that has no loop yet. The connection owns it from here on;
   * a loop that is shut down closes it.
   */
  public static ControlConnection adopt(EventLoop loop, Channel channel, ControlListener listener) {
    ControlConnection connection = new ControlConnection(loop, channel, listener);
    loop.register(connection.channel);
    return connection;
  }

  /** The loop on which events arrive and futures complete. */
  public EventLoop loop() {
    return loop;
  }

  /**
   * Sends a request.
   *
   * @param subject what it is about, for messages
   * @param unclaimed takes a success that comes after the future was completed otherwise (deadline,
   *     cancellation); null when an unclaimed answer holds nothing to release
   */
  public CompletableFuture<JsonObject> request(
      RequestType type,
      String subject,
      JsonObject body,
      Duration deadline,
      @Nullable Consumer<JsonObject> unclaimed) {
    CompletableFuture<JsonObject> future = new CompletableFuture<>();
    Waiting request = new Waiting(type + " of " + subject, future, unclaimed);
    try {
      loop.execute(() -> send(type, request, body, deadline));
    } catch (RejectedExecutionException e) {
      request.fail(Cause.DISCONNECTED, ": the control loop is shut down");
    }
    return future;
  }

  /** Sends a request whose answer is read into a value; see {@link #request}. */
  public <T> CompletableFuture<T> ask(
      RequestType type,
      String subject,
      JsonObject body,
      Duration deadline,
      Function<JsonObject, T> read) {
    CompletableFuture<T> result = new CompletableFuture<>();
    request(type, subject, body, deadline, null)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              try {
                result.complete(read.apply(answer));
              } catch (IllegalArgumentException e) {
                result.completeExceptionally(
                    new RequestFailedException(
                        Cause.MALFORMED, type + " of " + subject + ": unreadable answer"));
              }
            });
    return result;
  }

  /** Closes Java's end; Go then stops all nodes. Idempotent. */
  public void close(String reason) {
    try {
      loop.execute(() -> closed(reason));
    } catch (RejectedExecutionException e) {
      // The loop closed the channel when it shut down.
    }
  }

  private void send(RequestType type, Waiting request, JsonObject body, Duration deadline) {
    if (closeReason != null) {
      request.fail(Cause.DISCONNECTED, ": " + disconnected(closeReason));
      return;
    }
    if (waiting.size() >= MAX_WAITING) {
      request.fail(
          Cause.OVERLOADED,
          ": " + MAX_WAITING + " requests to the Go library wait already, ask again later");
      return;
    }
    int id = nextRequestId();
    ByteBuf frame = new Frame(type.code(), id, body).encode(channel.alloc());
    if (frame.readableBytes() > 4 + Frame.MAX_LENGTH) {
      frame.release();
      request.fail(Cause.REFUSED, ": larger than a control frame may be");
      return;
    }
    waiting.put(id, request);
    channel.writeAndFlush(frame, channel.voidPromise());
    var timer =
        loop.schedule(
            () -> expire(id, request, deadline), deadline.toNanos(), TimeUnit.NANOSECONDS);
    request.future.whenComplete((answer, failure) -> timer.cancel(false));
  }

  private void expire(int id, Waiting request, Duration deadline) {
    if (request.unclaimed == null) {
      waiting.remove(id, request);
    }
    request.fail(
        Cause.TIMED_OUT, ": no answer from the Go library within " + deadline.toMillis() + " ms");
  }

  private int nextRequestId() {
    do {
      lastRequestId = lastRequestId == Integer.MAX_VALUE ? 1 : lastRequestId + 1;
    } while (waiting.containsKey(lastRequestId));
    return lastRequestId;
  }

  private void received(Frame frame) {
    JsonObject body = frame.body();
    int node = (int) Json.integer(body, "node");
    switch (frame.type()) {
      case Frame.ANSWER -> answered(frame.requestId(), body);
      case Frame.STATUS_EVENT -> listener.status(node, body);
      case Frame.LOG_EVENT ->
          listener.log(node, Json.string(body, "level").equals("error"), Json.string(body, "text"));
      case Frame.ENDED_EVENT -> listener.ended(node, Json.string(body, "error"));
      default -> {
        // A newer library may say more than we understand.
      }
    }
  }

  private void answered(int id, JsonObject body) {
    Waiting request = waiting.remove(id);
    if (request == null) {
      return;
    }
    String error = Json.string(body, "error");
    if (!error.isEmpty()) {
      request.fail(Cause.REFUSED, ": " + error);
    } else if (!request.future.complete(body) && request.unclaimed != null) {
      request.unclaimed.accept(body);
    }
  }

  private void closed(String reason) {
    if (closeReason != null) {
      return;
    }
    closeReason = reason;
    channel.close();
    List<Waiting> cutOff = new ArrayList<>(waiting.values());
    waiting.clear();
    for (Waiting request : cutOff) {
      request.fail(Cause.DISCONNECTED, ": " + disconnected(reason));
    }
    listener.closed(disconnected(reason));
  }

  private static String disconnected(String reason) {
    return "the control connection to the Go library is closed (" + reason + ")";
  }

  private final class Dispatcher extends SimpleChannelInboundHandler<Frame> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Frame frame) {
      received(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      closed("the library ended it");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      Throwable root = cause.getCause() == null ? cause : cause.getCause();
      closed("it failed: " + root.getMessage());
    }
  }
}
