package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.channel.TcpServerChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls and services over a stack of ours. */
final class OurSide {

  private static final Duration LIMIT = Duration.ofSeconds(50);

  private final Stack stack;

  OurSide(Stack stack) {
    this.stack = stack;
  }

  /** Keeps what came in, and what happened. */
  static final class Received extends ChannelInboundHandlerAdapter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    volatile boolean ended;
    volatile boolean inactive;
    volatile @Nullable Throwable failure;
    volatile @Nullable Channel channel;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
      ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
      ByteBuf part = (ByteBuf) message;
      synchronized (bytes) {
        part.readBytes(bytes, part.readableBytes());
      }
      part.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ended = true;
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = cause;
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      inactive = true;
    }

    /** What came so far. */
    byte[] bytes() {
      synchronized (bytes) {
        return bytes.toByteArray();
      }
    }
  }

  /** Sends back what comes as fast as it is taken, and its FIN behind the peer's. */
  static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.write(message, ctx.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
      if (!ctx.channel().isWritable()) {
        ctx.channel().config().setAutoRead(false);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ((DuplexChannel) ctx.channel()).shutdownOutput().addListener(done -> ctx.close());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Waits for a condition, and looks often: most of them are true in a moment. */
  static void until(Callable<Boolean> condition) {
    await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(condition);
  }

  TcpChannel call(InetAddress host, int port, boolean autoRead, Received received)
      throws InterruptedException {
    return (TcpChannel)
        new Bootstrap()
            .group(stack.eventLoop())
            .channelFactory(() -> new TcpChannel(stack))
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.AUTO_READ, autoRead)
            .handler(received)
            .connect(new InetSocketAddress(host, port))
            .sync()
            .channel();
  }

  TcpChannel call(InetAddress host, int port, Received received) throws InterruptedException {
    return call(host, port, /* autoRead= */ true, received);
  }

  /** Sends, shuts that half, and returns what came until the other half was shut. */
  byte[] exchange(InetAddress host, int port, byte[] sent) throws InterruptedException {
    Received received = new Received();
    TcpChannel channel = call(host, port, received);
    channel.writeAndFlush(Unpooled.wrappedBuffer(sent));
    channel.shutdownOutput();
    until(() -> received.ended || received.failure != null);
    channel.close().sync();
    assertThat(received.failure).isNull();
    return received.bytes();
  }

  /** Serves a port with a handler for each caller. */
  Channel serve(int port, Supplier<ChannelHandler> handler) throws InterruptedException {
    return new ServerBootstrap()
        .group(stack.eventLoop())
        .channelFactory(() -> new TcpServerChannel(stack))
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(handler.get());
              }
            })
        .bind(port)
        .sync()
        .channel();
  }

  int connections() throws Exception {
    return stack.eventLoop().submit(stack::connectionCount).get();
  }
}
