package dev.tailbridge.netstack.channel;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;

/** One direction of a splice, as small as it can be. */
final class Splice extends ChannelInboundHandlerAdapter {

  private final Channel to;
  private boolean ended;

  private Splice(Channel to) {
    this.to = to;
  }

  static void join(Channel one, Channel other) {
    one.pipeline().addLast(new Splice(other));
    other.pipeline().addLast(new Splice(one));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    to.write(message, to.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    to.flush();
    if (!to.isWritable()) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      to.config().setAutoRead(true);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      ended = true;
      to.writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              flushed -> {
                ((DuplexChannel) to).shutdownOutput();
                if (to.pipeline().get(Splice.class).ended) {
                  to.close();
                  ctx.close();
                }
              });
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ((TcpChannel) to).abort();
    ((TcpChannel) ctx.channel()).abort();
  }
}
