package dev.tailbridge.netstack.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Descriptors of connected AF_UNIX sockets that a channel is made of, as those of tailnet nodes.
 */
final class AdoptedUnixKind implements ChannelKind {

  private final EventLoop loop;
  private final Path folder;
  private int count;

  AdoptedUnixKind(EventLoop loop, Path folder) {
    this.loop = loop;
    this.folder = folder;
    Epoll.ensureAvailability();
  }

  @Override
  public Pair open(ChannelHandler near, ChannelHandler far, boolean farReads) throws Exception {
    DomainSocketAddress address =
        new DomainSocketAddress(folder.resolve("pair" + count++).toFile());
    Socket server = Socket.newSocketDomain();
    server.bind(address);
    server.listen(1);
    Socket calling = Socket.newSocketDomain();
    if (!calling.connect(address)) {
      throw new IOException("a connection of AF_UNIX is there at once");
    }
    int accepted = server.accept(new byte[128]);
    server.close();
    return new Pair(adopt(calling.intValue(), near, true), adopt(accepted, far, farReads));
  }

  private Channel adopt(int descriptor, ChannelHandler handler, boolean reads) throws Exception {
    EpollDomainSocketChannel channel = new EpollDomainSocketChannel(descriptor);
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    channel.config().setAutoRead(reads);
    channel.pipeline().addLast(handler);
    loop.register(channel).sync();
    return channel;
  }

  /** There is no reset but this: the near end must have sent something that nobody reads. */
  @Override
  public void abort(Channel channel) throws Exception {
    channel.close().sync();
  }

  @Override
  public void close() {}
}
