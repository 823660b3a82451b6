package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.protocol.WireGuardCore;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * One bound UDP socket of an endpoint.
 *
 * <ul>
 *   <li>On epoll many datagrams are read and written per system call, an IPv6 socket carries IPv6
 *       only, and datagrams are never fragmented. Elsewhere it is a plain NIO channel.
 *   <li>Where the kernel can do it, datagrams of one size to one destination go to it in one piece.
 *   <li>Written datagrams leave with {@link #flush}. The queue is bounded: past it {@link #write}
 *       refuses.
 * </ul>
 */
final class UdpSocket extends ChannelInboundHandlerAdapter {

  private static final int DATAGRAMS_PER_READ = 64;
  private static final int KERNEL_BUFFER_BYTES = 4 << 20;
  private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(1 << 20, 2 << 20);

  /**
   * Linux: set DF and report EMSGSIZE, whatever is known of the path; same value in both families.
   */
  private static final int PMTUDISC_DO = 2;

  private static final ChannelOption<Integer> IP_MTU_DISCOVER =
      new IntegerUnixChannelOption("IP_MTU_DISCOVER", 0, 10);
  private static final ChannelOption<Integer> IPV6_MTU_DISCOVER =
      new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", 41, 23);
  private static final ChannelOption<Integer> IPV6_V6ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  private static final int EMSGSIZE = -90;

  /** Of a run: a piece of it is larger than the path carries. */
  private static final int EINVAL = -22;

  /** Of a run: the way out cannot cut it. */
  private static final int EIO = -5;

  private final EndpointLoop home;
  private final int number;
  private final boolean ipv6;
  private final Channel channel;
  private final DatagramRuns runs;
  private boolean dirty;

  private UdpSocket(
      EndpointLoop home, int number, boolean ipv6, Channel channel, boolean segmentation) {
    this.home = home;
    this.number = number;
    this.ipv6 = ipv6;
    this.channel = channel;
    this.runs = new DatagramRuns(channel, segmentation, this::runRefused);
  }

  /**
   * Starts binding; the channel has no handler before {@link #attach}.
   *
   * @param share whether to join the sockets that are bound to the same address; epoll only
   */
  static ChannelFuture bind(EventLoop loop, InetSocketAddress address, boolean share) {
    boolean ipv6 = address.getAddress() instanceof Inet6Address;
    var family = ipv6 ? InternetProtocolFamily.IPv6 : InternetProtocolFamily.IPv4;
    int payload = WireGuardCore.MAX_DATAGRAM_BYTES;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.SO_RCVBUF, KERNEL_BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, KERNEL_BUFFER_BYTES)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE)
            .option(ChannelOption.AUTO_READ, false)
            .handler(new ChannelInboundHandlerAdapter());
    if (share) {
      bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
    }
    if (isEpoll(loop)) {
      bootstrap
          .channelFactory(() -> new EpollDatagramChannel(family))
          .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, payload)
          .option(
              ChannelOption.RCVBUF_ALLOCATOR,
              new FixedRecvByteBufAllocator(payload * DATAGRAMS_PER_READ))
          .option(ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, PMTUDISC_DO);
      if (ipv6) {
        bootstrap.option(IPV6_V6ONLY, 1);
      }
    } else {
      bootstrap
          .channelFactory(() -> new NioDatagramChannel(family))
          .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(payload));
    }
    return bootstrap.bind(address);
  }

  /** Whether sockets of this loop are epoll's, which alone can share an address. */
  static boolean isEpoll(EventLoop loop) {
    return loop.parent() instanceof EpollEventLoopGroup;
  }

  /**
   * Makes a bound channel the loop's socket of this number, and starts reading.
   *
   * @param segmentation whether the kernel may be given many datagrams in one piece
   */
  static UdpSocket attach(EndpointLoop home, int number, Channel channel, boolean segmentation) {
    InetSocketAddress local = (InetSocketAddress) channel.localAddress();
    boolean ipv6 = local.getAddress() instanceof Inet6Address;
    UdpSocket socket = new UdpSocket(home, number, ipv6, channel, segmentation);
    channel.pipeline().addLast(socket);
    channel.config().setAutoRead(true);
    return socket;
  }

  boolean reaches(InetSocketAddress destination) {
    return ipv6 == (destination.getAddress() instanceof Inet6Address);
  }

  /** Queues a copy of the bytes; false when the queue is full. */
  boolean write(byte[] datagram, int length, InetSocketAddress destination) {
    if (!channel.isWritable()) {
      runs.end();
      channel.flush();
      if (!channel.isWritable()) {
        return false;
      }
    }
    runs.add(datagram, length, destination);
    dirty = true;
    return true;
  }

  void flush() {
    if (dirty) {
      dirty = false;
      runs.end();
      channel.flush();
    }
  }

  ChannelFuture close() {
    runs.release();
    return channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      DatagramPacket datagram = (DatagramPacket) message;
      home.receive(datagram.content(), datagram.sender(), number);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    home.readComplete();
  }

  /** Single datagrams carry no promise of their own: this is where a refused one shows. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    home.drop(null, isError(cause, EMSGSIZE) ? DropReason.PACKET_TOO_BIG : DropReason.SEND_FAILED);
  }

  private void runRefused(Throwable cause, int datagrams) {
    if (isError(cause, EIO)) {
      runs.stopSegmentation();
    }
    boolean tooBig = isError(cause, EMSGSIZE) || isError(cause, EINVAL);
    for (int i = 0; i < datagrams; i++) {
      home.drop(null, tooBig ? DropReason.PACKET_TOO_BIG : DropReason.SEND_FAILED);
    }
  }

  private static boolean isError(Throwable cause, int number) {
    return cause instanceof NativeIoException e && e.expectedErr() == number;
  }
}
