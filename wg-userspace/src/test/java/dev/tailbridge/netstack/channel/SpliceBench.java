package dev.tailbridge.netstack.channel;

import dev.tailbridge.netstack.Connection;
import dev.tailbridge.netstack.PendingConnection;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.VirtualLinks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A caller, a device, and between them two stacks whose connections are spliced; in virtual time.
 */
final class SpliceBench implements AutoCloseable {

  static final InetAddress CALLER = IpPrefix.parse("100.64.0.7").address();
  static final InetAddress NODE = IpPrefix.parse("100.64.0.3").address();
  static final InetAddress DEVICE = IpPrefix.parse("10.6.0.2").address();
  static final InetAddress BRIDGE = IpPrefix.parse("10.6.0.1").address();

  final VirtualLinks wan = new VirtualLinks(Duration.ofMillis(10));
  final VirtualLinks tunnel;
  Stack caller;
  Stack device;
  @Nullable Stack north;
  @Nullable Stack south;

  SpliceBench() {
    tunnel = wan.another(Duration.ofMillis(5));
    caller = stack(wan, wan.left, List.of(CALLER), StackConfig.wan(1280));
    north = stack(wan, wan.right, List.of(), StackConfig.wan(1280));
    south = stack(tunnel, tunnel.left, List.of(BRIDGE), StackConfig.device(1420));
    device = stack(tunnel, tunnel.right, List.of(DEVICE), StackConfig.device(1420));
    north.listenAll(this::dial);
  }

  private static Stack stack(
      VirtualLinks links,
      dev.tailbridge.netstack.PacketLink link,
      List<InetAddress> own,
      StackConfig config) {
    return new Stack(link, own, links.clocked(config)).start();
  }

  /** Dials the device, then answers the caller. */
  private void dial(PendingConnection pending) {
    Stack to = south;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(to.eventLoop())
            .channelFactory(() -> new TcpChannel(to))
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .disableResolver()
            .option(ChannelOption.AUTO_READ, false)
            .handler(new Nothing());
    InetSocketAddress target = new InetSocketAddress(DEVICE, pending.local().getPort());
    bootstrap.connect(target).addListener((ChannelFuture dialled) -> answer(pending, dialled));
  }

  private void answer(PendingConnection pending, ChannelFuture dialled) {
    if (!dialled.isSuccess()) {
      pending.refuse();
      return;
    }
    Connection accepted = pending.accept();
    TcpChannel inner = (TcpChannel) dialled.channel();
    if (accepted == null) {
      inner.abort();
      return;
    }
    TcpChannel outer = new TcpChannel(null, north, accepted);
    outer.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    Splice.join(outer, inner);
    north.eventLoop().register(outer);
    inner.config().setAutoRead(true);
  }

  /** A handler that adds nothing and is not kept. */
  private static final class Nothing extends ChannelInitializer<TcpChannel> {
    @Override
    protected void initChannel(TcpChannel channel) {}
  }

  /** Lets go of what lies at both ends, and of what was recorded. */
  void forgetEnds() {
    wan.left.receiver(null);
    tunnel.right.receiver(null);
    caller = null;
    device = null;
    wan.left.takeSent();
    wan.right.takeSent();
    tunnel.left.takeSent();
    tunnel.right.takeSent();
  }

  /** Lets go of what is measured. */
  void forgetMiddle() {
    wan.right.receiver(null);
    tunnel.left.receiver(null);
    north = null;
    south = null;
  }

  @Override
  public void close() {
    wan.close();
  }
}
