package dev.tailbridge.netstack.channel;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Answers a caller that has said everything with 8 MiB in one buffer, and closes behind it: what
 * some releases of Netty 4.2 lose.
 */
final class GateServer extends ChannelInboundHandlerAdapter {

  static final int ANSWER_BYTES = 8 << 20;

  private final boolean togglesAutoRead;
  volatile ChannelFuture answer;

  GateServer(boolean togglesAutoRead) {
    this.togglesAutoRead = togglesAutoRead;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      if (togglesAutoRead) {
        ctx.channel().config().setAutoRead(false);
      }
      // Later: with nothing more to read, the descriptor has nothing to wait for meanwhile.
      ctx.executor().schedule(() -> answer(ctx), 50, TimeUnit.MILLISECONDS);
    }
  }

  private void answer(ChannelHandlerContext ctx) {
    if (togglesAutoRead) {
      ctx.channel().config().setAutoRead(true);
    }
    answer = ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[ANSWER_BYTES]));
    answer.addListener(ChannelFutureListener.CLOSE);
  }
}
