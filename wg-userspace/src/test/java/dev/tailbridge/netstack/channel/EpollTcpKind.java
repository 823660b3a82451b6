package dev.tailbridge.netstack.channel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The kernel's TCP over loopback. */
final class EpollTcpKind implements ChannelKind {

  private final EventLoop loop;

  EpollTcpKind(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public Pair open(ChannelHandler near, ChannelHandler far, boolean farReads) throws Exception {
    CompletableFuture<Channel> accepted = new CompletableFuture<>();
    Channel server =
        new ServerBootstrap()
            .group(loop)
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.AUTO_READ, farReads)
            .childHandler(new Announcing(far, accepted))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    Channel calling =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .handler(near)
            .connect(server.localAddress())
            .sync()
            .channel();
    Pair pair = new Pair(calling, accepted.get(30, TimeUnit.SECONDS));
    server.close().sync();
    return pair;
  }

  @Override
  public void abort(Channel channel) throws Exception {
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    channel.close().sync();
  }

  @Override
  public void close() {}
}
