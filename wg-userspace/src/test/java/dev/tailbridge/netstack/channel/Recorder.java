package dev.tailbridge.netstack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Keeps what a channel received and was told. */
class Recorder extends ChannelInboundHandlerAdapter {

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

  byte[] received() {
    synchronized (bytes) {
      return bytes.toByteArray();
    }
  }
}
