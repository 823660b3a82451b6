package dev.tailbridge.bridge.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One call on the ordinary network: the addresses of the host are tried in turn, and share the time
 * that there is.
 */
final class Dial {

  private final EventLoop loop;
  private final int port;
  private final long deadlineNanos;
  private final Promise<DuplexChannel> promise;

  private Dial(EventLoop loop, int port, Duration limit) {
    this.loop = loop;
    this.port = port;
    this.deadlineNanos = System.nanoTime() + limit.toNanos();
    this.promise = loop.newPromise();
  }

  /**
   * Calls a host.
   *
   * @return a connected channel that is not read yet, or why there is none. Who cancels it gets
   *     none
   */
  static Future<DuplexChannel> start(
      AddressLookup names, String host, int port, Duration limit, EventLoop loop) {
    Dial dial = new Dial(loop, port, limit);
    names
        .find(host, loop)
        .addListener(
            (Future<List<InetAddress>> found) -> {
              if (found.isSuccess()) {
                dial.attempt(found.getNow(), 0);
              } else {
                dial.promise.tryFailure(found.cause());
              }
            });
    return dial.promise;
  }

  /** Completes one future with the outcome of another. */
  static void tell(Future<?> done, CompletableFuture<Void> waiting) {
    done.addListener(
        future -> {
          if (future.isSuccess()) {
            waiting.complete(null);
          } else {
            waiting.completeExceptionally(future.cause());
          }
        });
  }

  private void attempt(List<InetAddress> addresses, int index) {
    long left = deadlineNanos - System.nanoTime();
    long share = left / (addresses.size() - index);
    new Bootstrap()
        .group(loop)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, share / 1_000_000))
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(new InetSocketAddress(addresses.get(index), port))
        .addListener(
            done -> {
              // The very future of the connect: its channel is the one that was opened.
              if (done.isSuccess()) {
                connected(((ChannelFuture) done).channel());
              } else if (index + 1 < addresses.size() && !promise.isDone()) {
                attempt(addresses, index + 1);
              } else {
                promise.tryFailure(done.cause());
              }
            });
  }

  private void connected(Channel channel) {
    if (!promise.trySuccess((DuplexChannel) channel)) {
      Relay.reset((DuplexChannel) channel);
    }
  }
}
