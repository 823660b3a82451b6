package dev.tailbridge.netstack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Keeps what a channel received and was told. */
public class Recorder extends ChannelInboundHandlerAdapter {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  final AtomicInteger inputShutdowns = new AtomicInteger();
  final AtomicReference<Throwable> failure = new AtomicReference<>();
  volatile ChannelHandlerContext context;
  volatile boolean inactive;

  /** Bytes that had come when the end of input was told. */
  volatile int receivedBeforeEnd = -1;

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.channelActive(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    ByteBuf buffer = (ByteBuf) message;
    synchronized (bytes) {
      buffer.readBytes(bytes, buffer.readableBytes());
    }
    buffer.release();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      receivedBeforeEnd = received().length;
      inputShutdowns.incrementAndGet();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failure.set(cause);
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inactive = true;
  }

  /** The channel; null before it was active. */
  public final @Nullable Channel activeChannel() {
    ChannelHandlerContext active = context;
    return active == null ? null : active.channel();
  }

  /** What came so far. */
  public final byte[] received() {
    synchronized (bytes) {
      return bytes.toByteArray();
    }
  }

  /** Whether the end of input was told. */
  public final boolean inputEnded() {
    return inputShutdowns.get() > 0;
  }

  public final boolean isInactive() {
    return inactive;
  }

  /** What went wrong last; null for nothing. */
  public final @Nullable Throwable failure() {
    return failure.get();
  }
}
