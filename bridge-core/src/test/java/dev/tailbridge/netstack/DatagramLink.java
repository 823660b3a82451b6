package dev.tailbridge.netstack;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;

/**
 * A link whose wire is a UDP socket on loopback, one IP packet in a datagram. It loses a share of
 * the packets both ways, the same ones for the same seed and traffic.
 */
final class DatagramLink implements PacketLink, AutoCloseable {

  private static final int PACKET = 2048;

  private final EventLoop loop;
  private final int mtu;
  private final Channel socket;
  private final Random random;
  private double loss;
  private volatile InetSocketAddress peer;
  private PacketReceiver receiver;

  DatagramLink(EventLoop loop, int mtu, long seed) throws InterruptedException {
    this.loop = loop;
    this.mtu = mtu;
    this.random = new Random(seed);
    this.socket =
        new Bootstrap()
            .group(loop)
            .channel(EpollDatagramChannel.class)
            .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(PACKET))
            .handler(new Inbound())
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) socket.localAddress()).getPort();
  }

  /** Where packets go to, and are taken from, since now. */
  void peer(int port) {
    peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** The share of packets that are lost in each direction, 0 to 1. */
  void loss(double share) {
    loop.execute(() -> loss = share);
  }

  private final class Inbound extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      DatagramPacket datagram = (DatagramPacket) message;
      if (receiver == null || !datagram.sender().equals(peer) || isLost()) {
        datagram.release();
        return;
      }
      receiver.packet(datagram.content());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (receiver != null) {
        receiver.batchComplete();
      }
    }
  }

  private boolean isLost() {
    return loss > 0 && random.nextDouble() < loss;
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public void write(ByteBuf packet) {
    if (peer == null || isLost()) {
      packet.release();
      return;
    }
    socket.write(new DatagramPacket(packet, peer), socket.voidPromise());
  }

  @Override
  public void flush() {
    socket.flush();
  }

  @Override
  public void receiver(PacketReceiver to) {
    receiver = to;
  }

  @Override
  public void close() throws InterruptedException {
    socket.close().sync();
  }
}
