package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.channel.TcpServerChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One end of a connection of a test: keeps what came in, and how it ended. */
final class End extends ChannelInboundHandlerAdapter {

  final ByteArrayOutputStream received = new ByteArrayOutputStream();
  @Nullable TcpChannel channel;
  boolean inputEnded;
  boolean closed;
  @Nullable Throwable failure;

  /** Calls; the future says how that went. */
  static ChannelFuture call(Stack from, InetAddress to, int port, End end) {
    return call(from, to, port, end, null);
  }

  /** Calls from this address and port, or from any when it is null. */
  static ChannelFuture call(
      Stack from, InetAddress to, int port, End end, @Nullable InetSocketAddress local) {
    return new Bootstrap()
        .group(from.eventLoop())
        .disableResolver()
        .channelFactory(() -> new TcpChannel(from))
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
        .handler(end)
        .connect(new InetSocketAddress(to, port), local);
  }

  /** Takes all callers of a port; they are added to the list in the order of their coming. */
  static List<End> serve(Stack stack, int port) {
    List<End> callers = new ArrayList<>();
    new ServerBootstrap()
        .group(stack.eventLoop())
        .channelFactory(() -> new TcpServerChannel(stack))
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                End end = new End();
                callers.add(end);
                channel.pipeline().addLast(end);
              }
            })
        .bind(port);
    return callers;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = (TcpChannel) ctx.channel();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
    ByteBuf bytes = (ByteBuf) message;
    bytes.readBytes(received, bytes.readableBytes());
    bytes.release();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    inputEnded |= event == ChannelInputShutdownEvent.INSTANCE;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failure = cause;
    ctx.close();
  }

  void write(String text) {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  void write(byte[] bytes) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  String text() {
    return received.toString(StandardCharsets.UTF_8);
  }
}
