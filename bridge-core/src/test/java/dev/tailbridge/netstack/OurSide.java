package dev.tailbridge.netstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.netstack.channel.Recorder;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.channel.TcpServerChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Calls and services over a stack of ours. */
final class OurSide {

  private static final Duration LIMIT = Duration.ofSeconds(150);

  private final Stack stack;

  OurSide(Stack stack) {
    this.stack = stack;
  }

  /** Keeps what came in, and what happened. */
  static final class Received extends Recorder {}

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
    until(() -> received.inputEnded() || received.failure() != null);
    channel.close().sync();
    assertThat(received.failure()).isNull();
    return received.received();
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
