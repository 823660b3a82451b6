package dev.tailbridge.netstack.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.util.concurrent.CompletableFuture;

/** Gives an accepted channel its handler, and tells when it is active. */
final class Announcing extends ChannelInitializer<Channel> {

  private final ChannelHandler handler;
  private final CompletableFuture<Channel> active;

  Announcing(ChannelHandler handler, CompletableFuture<Channel> active) {
    this.handler = handler;
    this.active = active;
  }

  @Override
  protected void initChannel(Channel channel) {
    channel.pipeline().addLast(handler);
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext ctx) {
                active.complete(ctx.channel());
              }
            });
  }
}
