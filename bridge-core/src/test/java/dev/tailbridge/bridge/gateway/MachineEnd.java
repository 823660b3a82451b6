package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A machine's end of a connection in the tunnel: keeps what came in, and how it ended. */
final class MachineEnd extends ChannelInboundHandlerAdapter {

  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private volatile @Nullable TcpChannel channel;
  volatile boolean inputEnded;
  volatile boolean closed;
  volatile @Nullable Throwable failure;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = (TcpChannel) ctx.channel();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
    ByteBuf bytes = (ByteBuf) message;
    synchronized (received) {
      bytes.readBytes(received, bytes.readableBytes());
    }
    bytes.release();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded = true;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failure = cause;
    ctx.close();
  }

  TcpChannel channel() {
    return channel;
  }

  void write(byte[] bytes) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  byte[] received() {
    synchronized (received) {
      return received.toByteArray();
    }
  }

  /** Says what it hears, and ends when its caller has. */
  static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message, ctx.voidPromise());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ctx.close();
      }
    }
  }
}
