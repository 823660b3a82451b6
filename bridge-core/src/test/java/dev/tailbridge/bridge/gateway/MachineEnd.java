package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.channel.Recorder;
import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.jspecify.annotations.Nullable;

/** A machine's end of a connection in the tunnel: keeps what came in, and how it ended. */
final class MachineEnd extends Recorder {

  private volatile @Nullable TcpChannel channel;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = (TcpChannel) ctx.channel();
  }

  TcpChannel channel() {
    return channel;
  }

  void write(byte[] bytes) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
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
