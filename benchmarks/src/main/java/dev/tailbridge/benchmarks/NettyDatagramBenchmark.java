package dev.tailbridge.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Netty and the operating system alone, with the options of our sockets: 1452-byte datagrams over
 * loopback, both ends on one event loop. With {@code -prof gc} the garbage that Netty leaves per
 * datagram sent and received, whoever uses it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NettyDatagramBenchmark {

  private static final int DATAGRAMS = 8192;
  private static final int BATCH = 64;
  private static final int SIZE = 1452;

  private final EventLoopGroup group = new EpollEventLoopGroup(1);
  private final Semaphore received = new Semaphore(0);
  private Channel sender;
  private Channel receiver;

  @Setup
  public void open() throws InterruptedException {
    receiver = bind(new Receiver());
    sender = bind(new ChannelInboundHandlerAdapter());
  }

  private Channel bind(ChannelInboundHandlerAdapter handler) throws InterruptedException {
    return new Bootstrap()
        .group(group)
        .channel(EpollDatagramChannel.class)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(ChannelOption.SO_RCVBUF, 4 << 20)
        .option(ChannelOption.SO_SNDBUF, 4 << 20)
        .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, 2048)
        .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(2048 * BATCH))
        .handler(handler)
        .bind(new InetSocketAddress("127.0.0.1", 0))
        .sync()
        .channel();
  }

  @TearDown
  public void close() throws InterruptedException {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  /** Sends and receives. */
  @Benchmark
  @OperationsPerInvocation(DATAGRAMS)
  public void datagram() throws InterruptedException {
    InetSocketAddress to = (InetSocketAddress) receiver.localAddress();
    for (int sent = 0; sent < DATAGRAMS; sent += BATCH) {
      sender.eventLoop().execute(() -> send(to));
      // No more is under way than the socket's buffer holds.
      if (!received.tryAcquire(BATCH, 5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("datagrams were lost");
      }
    }
  }

  private void send(InetSocketAddress to) {
    for (int i = 0; i < BATCH; i++) {
      ByteBuf content = sender.alloc().directBuffer(SIZE).writerIndex(SIZE);
      sender.write(new DatagramPacket(content, to), sender.voidPromise());
    }
    sender.flush();
  }

  private final class Receiver extends ChannelInboundHandlerAdapter {

    private int count;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ((DatagramPacket) message).release();
      count++;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      received.release(count);
      count = 0;
    }
  }
}
