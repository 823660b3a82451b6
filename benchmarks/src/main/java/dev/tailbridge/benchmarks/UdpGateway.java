package dev.tailbridge.benchmarks;

import dev.tailbridge.bridge.gateway.AddressLookup;
import dev.tailbridge.bridge.gateway.GatewayLimits;
import dev.tailbridge.bridge.gateway.UdpEgress;
import dev.tailbridge.bridge.gateway.UdpIngress;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.UdpEndpoint;
import dev.tailbridge.netstack.UdpListener;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A machine behind a wire in memory, a host on loopback, and a rule each way. The tunnel and the
 * rules are on one event loop, the host on another; both ends echo what they are called with.
 */
final class UdpGateway {
  /** So many are under way at a time, which fit into any socket's buffer. */
  static final int BATCH = 32;

  private static final int MTU = 1420;
  private static final int ECHO = 7;
  private static final int EGRESS = 5353;
  private static final GatewayLimits LIMITS =
      new GatewayLimits(8, Duration.ofSeconds(5), Duration.ofMinutes(5));
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final int size;
  private final EventLoopGroup loops = new EpollEventLoopGroup(2);
  private final EventLoop inside = loops.next();
  private final EventLoop outside = loops.next();
  private final AddressLookup names = AddressLookup.ofThisHost();
  private final Semaphore back = new Semaphore(0);
  private final MemoryTunnel tunnel;
  private final UdpEndpoint caller;
  private final Channel host;
  private final Channel client;
  private final UdpEgress egress;
  private final UdpIngress ingress;
  private final InetSocketAddress listen;

  /**
   * @param size bytes of payload
   */
  UdpGateway(int size) throws Exception {
    this.size = size;
    MemoryLink[] wire = MemoryLink.pair(inside, MTU);
    tunnel = new MemoryTunnel(stack(wire[0], MemoryTunnel.OURS));
    Stack machine = stack(wire[1], MemoryTunnel.MACHINE);
    caller = inside.submit(() -> machine.bindUdp(0, new Counter())).get();
    inside.submit(() -> new MachineEcho(machine)).get();
    host = bind(new HostEcho());
    client = bind(new HostCounter());
    int port = ((InetSocketAddress) host.localAddress()).getPort();
    egress = new UdpEgress("egress", EGRESS, "127.0.0.1", port, LIMITS, names);
    listen = freePort();
    InetSocketAddress target = new InetSocketAddress(MemoryTunnel.MACHINE, ECHO);
    ingress = new UdpIngress("ingress", listen, target, LIMITS, inside);
    egress.begin();
    ingress.begin();
    inside
        .submit(
            () -> {
              egress.tunnelBegan(tunnel);
              ingress.tunnelBegan(tunnel);
            })
        .get();
    // While a rule makes the socket of a new flow, few datagrams may wait.
    callHost(1);
    callMachine(1);
  }

  private static InetSocketAddress freePort() throws IOException {
    try (DatagramSocket free = new DatagramSocket(0, LOOPBACK)) {
      return new InetSocketAddress(LOOPBACK, free.getLocalPort());
    }
  }

  private Stack stack(MemoryLink link, InetAddress own) throws Exception {
    return inside.submit(() -> new Stack(link, List.of(own)).start()).get();
  }

  private Channel bind(ChannelHandler handler) throws InterruptedException {
    return new Bootstrap()
        .group(outside)
        .channel(EpollDatagramChannel.class)
        .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, 2048)
        .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(2048 * BATCH))
        .handler(handler)
        .bind(new InetSocketAddress(LOOPBACK, 0))
        .sync()
        .channel();
  }

  private ByteBuf data() {
    return PooledByteBufAllocator.DEFAULT.directBuffer(size).writeZero(size);
  }

  /** The machine sends a batch to the host, and waits for all that it echoes. */
  void callHost() throws InterruptedException {
    callHost(BATCH);
  }

  private void callHost(int datagrams) throws InterruptedException {
    InetSocketAddress to = new InetSocketAddress(MemoryTunnel.OURS, EGRESS);
    inside.execute(
        () -> {
          for (int i = 0; i < datagrams; i++) {
            caller.send(data(), MemoryTunnel.MACHINE, to);
          }
        });
    await(datagrams);
  }

  /** The host sends a batch to the machine, and waits for all that it echoes. */
  void callMachine() throws InterruptedException {
    callMachine(BATCH);
  }

  private void callMachine(int datagrams) throws InterruptedException {
    outside.execute(
        () -> {
          for (int i = 0; i < datagrams; i++) {
            client.write(new DatagramPacket(data(), listen), client.voidPromise());
          }
          client.flush();
        });
    await(datagrams);
  }

  private void await(int datagrams) throws InterruptedException {
    if (!back.tryAcquire(datagrams, 5, TimeUnit.SECONDS)) {
      throw new IllegalStateException("datagrams were lost: " + back.availablePermits());
    }
  }

  void close() throws Exception {
    egress.close();
    ingress.close();
    names.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  /** What comes back to the machine. */
  private final class Counter implements UdpListener {
    @Override
    public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
      data.release();
      back.release();
    }
  }

  private static final class MachineEcho implements UdpListener {
    private final UdpEndpoint endpoint;

    MachineEcho(Stack machine) {
      endpoint = machine.bindUdp(ECHO, this);
    }

    @Override
    public void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote) {
      endpoint.send(data, local.getAddress(), remote);
    }
  }

  private static final class HostEcho extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      DatagramPacket packet = (DatagramPacket) message;
      ctx.write(new DatagramPacket(packet.content(), packet.sender()), ctx.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  /** What comes back to the host. */
  private final class HostCounter extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ((DatagramPacket) message).release();
      back.release();
    }
  }
}
