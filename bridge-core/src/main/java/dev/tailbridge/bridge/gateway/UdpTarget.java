package dev.tailbridge.bridge.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** A UDP port of a host on the ordinary network. */
final class UdpTarget {

  private final AddressLookup names;
  private final String host;
  private final int port;

  UdpTarget(AddressLookup names, String host, int port) {
    this.names = names;
    this.host = host;
    this.port = port;
  }

  /**
   * Looks the host up and makes a socket that talks with it alone: what others send there is not
   * heard. Of several addresses it is the first, since nothing tells which of them answers.
   *
   * @param handler of the socket
   */
  Future<DatagramChannel> socket(ChannelHandler handler, EventLoop loop) {
    Promise<DatagramChannel> promise = loop.newPromise();
    names
        .find(host, loop)
        .addListener(
            (Future<List<InetAddress>> found) -> {
              if (found.isSuccess()) {
                connect(found.getNow().get(0), handler, loop, promise);
              } else {
                promise.setFailure(found.cause());
              }
            });
    return promise;
  }

  private void connect(
      InetAddress address,
      ChannelHandler handler,
      EventLoop loop,
      Promise<DatagramChannel> promise) {
    new Bootstrap()
        .group(loop)
        .channel(EpollDatagramChannel.class)
        .handler(handler)
        .connect(new InetSocketAddress(address, port))
        .addListener(
            done -> {
              if (done.isSuccess()) {
                promise.setSuccess((DatagramChannel) ((ChannelFuture) done).channel());
              } else {
                promise.setFailure(done.cause());
              }
            });
  }
}
