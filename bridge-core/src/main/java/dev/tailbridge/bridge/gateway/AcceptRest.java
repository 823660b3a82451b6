package dev.tailbridge.bridge.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Lets a listening socket rest for a second when it cannot accept, as with too many open files. The
 * socket stays readable, and would be tried again at once, and in vain, for as long as that takes;
 * who waits is accepted afterwards.
 */
final class AcceptRest extends ChannelInboundHandlerAdapter {

  static final long REST_SECONDS = 1;

  private final Consumer<Throwable> told;

  /**
   * @param told of each failure
   */
  AcceptRest(Consumer<Throwable> told) {
    this.told = told;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // Without its loop nothing is to be accepted.
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    told.accept(cause);
    Channel socket = ctx.channel();
    socket.config().setAutoRead(false);
    socket
        .eventLoop()
        .schedule(() -> socket.config().setAutoRead(true), REST_SECONDS, TimeUnit.SECONDS);
  }
}
