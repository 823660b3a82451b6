package dev.tailbridge.benchmarks;

import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.channel.TcpServerChannel;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A caller in a tailnet, a bridge that splices, and a device that echoes, on one event loop. */
final class SplicedEcho {

  private static final InetAddress CALLER = address("100.64.0.7");
  private static final InetAddress NODE = address("100.64.0.3");
  private static final InetAddress BRIDGE = address("10.6.0.1");
  private static final InetAddress DEVICE = address("10.6.0.2");
  private static final int TAILNET_MTU = 1280;
  private static final int DEVICE_MTU = 1420;
  private static final int ECHO = 7;

  private final EventLoop loop = new DefaultEventLoop();
  private final Awaited received = new Awaited();
  private final ByteBuf bytes = Unpooled.directBuffer(1 << 20).writeZero(1 << 20);
  private final Channel caller;

  SplicedEcho() throws Exception {
    MemoryLink[] tailnet = MemoryLink.pair(loop, TAILNET_MTU);
    MemoryLink[] tunnel = MemoryLink.pair(loop, DEVICE_MTU);
    Stack callers = stack(tailnet[0], CALLER, StackConfig.wan(TAILNET_MTU));
    Stack node = stack(tailnet[1], NODE, StackConfig.wan(TAILNET_MTU));
    Stack bridge = stack(tunnel[0], BRIDGE, StackConfig.device(DEVICE_MTU));
    Stack device = stack(tunnel[1], DEVICE, StackConfig.device(DEVICE_MTU));
    serve(device, Relay::new);
    serve(node, () -> new Relay(bridge));
    caller = call(callers, NODE, received).sync().channel();
  }

  private Stack stack(MemoryLink link, InetAddress own, StackConfig config) throws Exception {
    return loop.submit(() -> new Stack(link, List.of(own), config).start()).get();
  }

  private static void serve(Stack stack, Supplier<ChannelHandler> handler) throws Exception {
    new ServerBootstrap()
        .group(stack.eventLoop())
        .channelFactory(() -> new TcpServerChannel(stack))
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(handler.get());
              }
            })
        .bind(ECHO)
        .sync();
  }

  private static ChannelFuture call(Stack stack, InetAddress host, ChannelHandler handler) {
    return new Bootstrap()
        .group(stack.eventLoop())
        .channelFactory(() -> new TcpChannel(stack))
        .handler(handler)
        .connect(host, ECHO);
  }

  /** Sends so many bytes and waits until as many have come back. */
  void exchange(int size) throws ExecutionException, InterruptedException {
    Promise<Void> back = loop.newPromise();
    loop.execute(
        () -> {
          received.expect(size, back);
          caller.writeAndFlush(bytes.retainedSlice(0, size), caller.voidPromise());
        });
    back.get();
  }

  void close() throws InterruptedException {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    bytes.release();
  }

  private static InetAddress address(String text) {
    return IpPrefix.parse(text).address();
  }

  private static final class Awaited extends ChannelInboundHandlerAdapter {
    private long missing;
    private Promise<Void> done;

    void expect(long bytes, Promise<Void> promise) {
      missing = bytes;
      done = promise;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf part = (ByteBuf) message;
      missing -= part.readableBytes();
      part.release();
      if (missing == 0) {
        done.setSuccess(null);
      }
    }
  }

  /** Writes what it reads into another channel, which it dials first; into its own without one. */
  private static final class Relay extends ChannelInboundHandlerAdapter {
    private final Stack beyond;
    private Channel to;

    /** The other side, while it waits until this channel can be written to again. */
    private Channel waiting;

    Relay() {
      this.beyond = null;
    }

    Relay(Stack beyond) {
      this.beyond = beyond;
    }

    private Relay(Channel to) {
      this.beyond = null;
      this.to = to;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (to != null) {
        return;
      }
      if (beyond == null) {
        to = ctx.channel();
        return;
      }
      ctx.channel().config().setAutoRead(false);
      Channel from = ctx.channel();
      call(beyond, DEVICE, new Relay(from))
          .addListener(
              dialled -> {
                to = ((ChannelFuture) dialled).channel();
                from.config().setAutoRead(true);
              });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      to.write(message, to.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      to.flush();
      if (!to.isWritable()) {
        ctx.channel().config().setAutoRead(false);
        to.pipeline().fireUserEventTriggered(ctx.channel());
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      waiting = (Channel) event;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (ctx.channel().isWritable() && waiting != null) {
        waiting.config().setAutoRead(true);
        waiting = null;
      }
    }
  }
}
