package dev.tailbridge.bridge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One caller in the tunnel and its socket on the ordinary network, both on one event loop. */
final class UdpEgressFlow extends UdpFlow {

  /** Datagrams that wait while the host's name is looked up. */
  private static final int MOST_WAITING = 8;

  private final UdpEgressPort port;

  /** Our address that the caller calls. */
  final InetAddress local;

  private final Queue<ByteBuf> waiting = new ArrayDeque<>();
  private @Nullable DatagramChannel channel;
  private boolean closed;

  UdpEgressFlow(UdpEgressPort port, InetAddress local, InetSocketAddress caller) {
    super(caller);
    this.port = port;
    this.local = local;
  }

  /** What its socket tells. */
  ChannelInboundHandlerAdapter handler() {
    return new Socket();
  }

  boolean isClosed() {
    return closed;
  }

  /** Sends with the next {@link #flush}, or when the socket is there; takes the buffer. */
  void send(ByteBuf data) {
    DatagramChannel to = channel;
    boolean full = to == null ? waiting.size() >= MOST_WAITING : !to.isWritable();
    if (full || closed) { // closed: it could not even begin
      data.release();
      port.dropped(1);
    } else if (to == null) {
      waiting.add(data);
    } else {
      write(to, data);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // What fails is told to the handler.
  private static void write(DatagramChannel to, ByteBuf data) {
    to.write(data, to.voidPromise());
  }

  void flush() {
    if (channel != null) {
      channel.flush();
    }
  }

  void connected(DatagramChannel made) {
    if (closed) {
      made.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
      return;
    }
    channel = made;
    waiting.forEach(data -> write(made, data));
    waiting.clear();
    made.flush();
  }

  @Override
  void close() {
    closed = true;
    waiting.forEach(ByteBuf::release);
    waiting.clear();
    if (channel != null) {
      channel.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }
  }

  private final class Socket extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf data = ((DatagramPacket) message).content();
      if (closed) {
        data.release();
      } else {
        port.answer(UdpEgressFlow.this, data);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      port.refuse(UdpEgressFlow.this, cause);
    }
  }
}
