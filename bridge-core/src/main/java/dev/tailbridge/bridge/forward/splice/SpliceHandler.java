package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.netstack.channel.TcpChannel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/**
 * Passes on what comes in at one channel to the other one.
 *
 * <ul>
 *   <li>What the other side does not take is not read here, so the window of the sender shuts.
 *   <li>The end of input becomes the end of output, behind everything before it. When both ways
 *       have ended the channels close.
 *   <li>Whatever ends a channel otherwise resets the other.
 * </ul>
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails closes a channel, and that is heard.
final class SpliceHandler extends ChannelInboundHandlerAdapter {

  private final TcpChannel to;
  private boolean passedOn;

  SpliceHandler(TcpChannel to) {
    this.to = to;
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
      TcpChannel from = (TcpChannel) ctx.channel();
      to.shutdownOutput()
          .addListener(
              done -> {
                passedOn = done.isSuccess();
                if (passedOn && from.isOutputShutdown()) {
                  from.close();
                  to.close();
                }
              });
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ((TcpChannel) ctx.channel()).abort();
    to.abort();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!passedOn) {
      to.abort();
    }
  }
}
