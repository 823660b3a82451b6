package dev.tailbridge.bridge.service;

import static io.netty.channel.ChannelFutureListener.CLOSE_ON_FAILURE;

import dev.tailbridge.bridge.forward.ForwardDrop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * DNS over one TCP connection (RFC 7766): questions and answers with their lengths before them, in
 * any order, until the device closes it or says nothing for a while.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails closes the channel.
final class DnsStream extends ChannelInitializer<Channel> {

  private static final int IDLE_SECONDS = 10;
  private static final int LENGTH = 2;

  /** A question is a name and some options. */
  private static final int LARGEST_QUESTION = 1024;

  private final DnsService service;
  private final Consumer<ForwardDrop> refused;

  DnsStream(DnsService service, Consumer<ForwardDrop> refused) {
    this.service = service;
    this.refused = refused;
  }

  @Override
  protected void initChannel(Channel channel) {
    channel
        .pipeline()
        .addLast(
            new IdleStateHandler(0, 0, IDLE_SECONDS, TimeUnit.SECONDS),
            new LengthFieldBasedFrameDecoder(LARGEST_QUESTION, 0, LENGTH, 0, LENGTH),
            new LengthFieldPrepender(LENGTH),
            new Questions());
  }

  private final class Questions extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
      ForwardDrop refusal =
          service.answer(
              message,
              (query, answer) ->
                  ctx.writeAndFlush(DnsReply.message(query, answer)).addListener(CLOSE_ON_FAILURE));
      if (refusal != null) {
        refused.accept(refusal);
        ctx.close();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      // Idle, or the device has ended its side: what is still to be answered is not waited for.
      ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      refused.accept(ForwardDrop.BAD_QUESTION);
      ctx.close();
    }
  }
}
