package dev.tailbridge.bridge.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes datagrams at a UDP port of this host, and passes them on to a machine in a tunnel, which
 * sees each caller as a port of ours. Answers go to the caller alone whose flow they belong to, and
 * the rule itself never answers anybody: nothing of it can be aimed at a third party but what the
 * machine says.
 */
public final class UdpIngress implements Rule {

  /** More than the tunnel carries, so what is cut to this is too big all the same. */
  private static final int MOST_BYTES = 2048;

  /** Datagrams on their way to the tunnel's event loop; more would only wait there. */
  private static final int MOST_UNDER_WAY = 1024;

  private final InetSocketAddress listen;
  private final InetSocketAddress target;
  private final GatewayLimits limits;
  private final EventLoop receiver;
  private final RuleLog log;
  private final Traffic traffic;
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile @Nullable UdpIngressPort port;
  private volatile @Nullable DatagramChannel socket;

  /**
   * @param rule what the log calls it
   * @param target in the tunnel; resolved
   * @param limits of flows; {@code connect} is of no use
   * @param receiver where datagrams are read, before they go to the tunnel's own event loop
   */
  public UdpIngress(
      String rule,
      InetSocketAddress listen,
      InetSocketAddress target,
      GatewayLimits limits,
      EventLoop receiver) {
    this.listen = listen;
    this.target = target;
    this.limits = limits;
    this.receiver = receiver;
    this.log = new RuleLog(rule);
    this.traffic = new Traffic(limits.connections());
  }

  @Override
  public void begin() throws IOException {
    ChannelFuture bound =
        new Bootstrap()
            .group(receiver)
            .channel(EpollDatagramChannel.class)
            .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MOST_BYTES))
            .handler(new Receiver())
            .bind(listen)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
    }
    socket = (DatagramChannel) bound.channel();
    log.begins();
  }

  /** Where it listens, with the real port; null before it has begun. */
  @Nullable InetSocketAddress address() {
    DatagramChannel bound = socket;
    return bound == null ? null : bound.localAddress();
  }

  @Override
  public void tunnelBegan(Tunnel tunnel) {
    DatagramChannel bound = socket;
    if (bound != null) {
      port = new UdpIngressPort(tunnel, bound, target, limits, traffic, log);
    }
  }

  @Override
  public void tunnelEnds(Tunnel tunnel) {
    UdpIngressPort ending = port;
    if (ending != null && ending.tunnel() == tunnel) {
      port = null;
      ending.close();
    }
  }

  @Override
  public long lastHandshakeEpochMillis() {
    UdpIngressPort through = port;
    return through == null ? 0 : through.tunnel().lastHandshakeEpochMillis();
  }

  @Override
  public Traffic.Snapshot traffic() {
    return traffic.snapshot();
  }

  /** What one turn of the socket brought goes to the tunnel's event loop as one. */
  private final class Receiver extends ChannelInboundHandlerAdapter {
    private List<DatagramPacket> batch = new ArrayList<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      batch.add((DatagramPacket) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      List<DatagramPacket> read = batch;
      if (read.isEmpty()) {
        return; // an error was all that there was
      }
      batch = new ArrayList<>();
      UdpIngressPort to = port;
      if (to == null) {
        log.failed(
            read.get(0).sender(),
            new ConnectException("its device is being changed, or is not there yet"));
        drop(read);
      } else if (underWay.get() > MOST_UNDER_WAY) {
        drop(read);
      } else {
        underWay.addAndGet(read.size());
        to.tunnel()
            .eventLoop()
            .execute(
                () -> {
                  underWay.addAndGet(-read.size());
                  to.take(read);
                });
      }
    }

    private void drop(List<DatagramPacket> read) {
      traffic.dropped(read.size());
      read.forEach(DatagramPacket::release);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // Such as a caller that has gone: the socket is everybody's, and stays.
      log.failed(listen, cause);
    }
  }

  @Override
  public void close() {
    DatagramChannel bound = socket;
    if (bound != null && bound.isOpen()) {
      bound.close().awaitUninterruptibly();
      log.ends(traffic.snapshot());
    }
    UdpIngressPort ending = port;
    if (ending != null) {
      Tunnel tunnel = ending.tunnel();
      tunnel.eventLoop().execute(() -> tunnelEnds(tunnel));
    }
  }
}
