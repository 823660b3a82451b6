package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.LinkPair;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Our own TCP, over a link in memory. */
final class TcpChannelKind implements ChannelKind {

  private static final InetAddress NEAR = IpPrefix.parse("10.6.0.1").address();
  private static final InetAddress FAR = IpPrefix.parse("10.6.0.2").address();

  private final Stack near;
  private final Stack far;

  TcpChannelKind(EventLoop loop) throws Exception {
    LinkPair links = new LinkPair(loop, Duration.ZERO);
    near = loop.submit(() -> new Stack(links.left, List.of(NEAR)).start()).get();
    far = loop.submit(() -> new Stack(links.right, List.of(FAR)).start()).get();
  }

  @Override
  public Pair open(ChannelHandler nearHandler, ChannelHandler farHandler, boolean farReads)
      throws Exception {
    CompletableFuture<Channel> accepted = new CompletableFuture<>();
    Channel server =
        new ServerBootstrap()
            .group(far.eventLoop())
            .channelFactory(() -> new TcpServerChannel(far))
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.AUTO_READ, farReads)
            .childHandler(new Announcing(farHandler, accepted))
            .bind(80)
            .sync()
            .channel();
    Channel calling =
        new Bootstrap()
            .group(near.eventLoop())
            .channelFactory(() -> new TcpChannel(near))
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .handler(nearHandler)
            .connect(FAR, 80)
            .sync()
            .channel();
    Pair pair = new Pair(calling, accepted.get(30, TimeUnit.SECONDS));
    server.close().sync();
    return pair;
  }

  @Override
  public void abort(Channel channel) throws Exception {
    ((TcpChannel) channel).abort().sync();
  }

  @Override
  public void close() throws Exception {
    near.eventLoop().submit(near::close).sync();
    far.eventLoop().submit(far::close).sync();
  }
}
