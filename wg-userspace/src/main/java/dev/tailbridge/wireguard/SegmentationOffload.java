package dev.tailbridge.wireguard;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the kernel cuts a buffer into UDP datagrams (UDP_SEGMENT, Linux 4.18), found out by
 * sending one to ourselves: versions and headers promise it in places where it does not work.
 */
final class SegmentationOffload {

  private static final Logger log = LoggerFactory.getLogger(SegmentationOffload.class);

  private static final int SIZE = 300;
  private static final List<Integer> SIZES = List.of(SIZE, SIZE, SIZE, 40);
  private static final long PATIENCE_MILLIS = 500;

  private SegmentationOffload() {}

  /** Takes some milliseconds the first time; not to be called on an event loop. */
  static boolean works() {
    return Result.WORKS;
  }

  /** Found out once per process. */
  private static final class Result {

    private static final boolean WORKS =
        EpollDatagramChannel.isSegmentedDatagramPacketSupported() && tryOut();
  }

  private static boolean tryOut() {
    EventLoopGroup group = new EpollEventLoopGroup(1);
    BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    try {
      Channel receiver = open(group, new Sizes(received));
      Channel sender = open(group, new ChannelInboundHandlerAdapter());
      int bytes = SIZES.stream().mapToInt(Integer::intValue).sum();
      ByteBuf run = sender.alloc().directBuffer(bytes).writeZero(bytes);
      InetSocketAddress to = (InetSocketAddress) receiver.localAddress();
      sender.writeAndFlush(new SegmentedDatagramPacket(run, SIZE, to)).sync();
      for (int size : SIZES) {
        Integer came = received.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        if (came == null || came != size) {
          log.info(
              "The kernel does not cut UDP buffers as it should; every datagram is sent alone");
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception e) {
      log.info(
          "The kernel does not cut UDP buffers ({}); every datagram is sent alone", e.toString());
      return false;
    } finally {
      Future<?> unused = group.shutdownGracefully(0, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static Channel open(EventLoopGroup group, ChannelHandler handler)
      throws InterruptedException {
    return new Bootstrap()
        .group(group)
        .channel(EpollDatagramChannel.class)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .handler(handler)
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .sync()
        .channel();
  }

  private static final class Sizes extends SimpleChannelInboundHandler<DatagramPacket> {

    private final BlockingQueue<Integer> sizes;

    private Sizes(BlockingQueue<Integer> sizes) {
      this.sizes = sizes;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
      sizes.add(datagram.content().readableBytes());
    }
  }
}
