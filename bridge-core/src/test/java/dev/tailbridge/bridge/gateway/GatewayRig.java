package dev.tailbridge.bridge.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.netstack.LinkPair;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.channel.TcpChannel;
import dev.tailbridge.netstack.channel.TcpServerChannel;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One tunnel: our stack at one end, that of a machine at the other. */
final class GatewayRig implements Tunnel, AutoCloseable {

  static final GatewayLimits LIMITS =
      new GatewayLimits(8, Duration.ofSeconds(5), Duration.ofMinutes(1));
  static final InetAddress OURS = IpPrefix.parse("10.6.0.1").address();
  static final InetAddress MACHINE = IpPrefix.parse("10.6.0.2").address();
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final EpollEventLoopGroup group = new EpollEventLoopGroup(1);
  private final EventLoop loop = group.next();
  private final LinkPair links = new LinkPair(loop, Duration.ZERO);
  private final Stack ours;
  private final Stack machine;

  GatewayRig() throws Exception {
    ours = loop.submit(() -> new Stack(links.left, List.of(OURS)).start()).get();
    machine = loop.submit(() -> new Stack(links.right, List.of(MACHINE)).start()).get();
  }

  static void until(Callable<Boolean> condition) {
    await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(condition);
  }

  /** The rule is told of this tunnel. */
  void attach(Rule rule) throws Exception {
    rule.begin();
    loop.submit(() -> rule.tunnelBegan(this)).get();
  }

  /** The machine serves a port; whoever calls comes into the queue. */
  BlockingQueue<MachineEnd> serve(int port, boolean autoRead) throws Exception {
    BlockingQueue<MachineEnd> callers = new LinkedBlockingQueue<>();
    new ServerBootstrap()
        .group(loop)
        .channelFactory(() -> new TcpServerChannel(machine))
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.AUTO_READ, autoRead)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                MachineEnd end = new MachineEnd();
                channel.pipeline().addLast(end);
                callers.add(end);
              }
            })
        .bind(port)
        .sync();
    return callers;
  }

  static MachineEnd next(BlockingQueue<MachineEnd> callers) throws InterruptedException {
    MachineEnd end = callers.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(end).as("a caller in the tunnel").isNotNull();
    return end;
  }

  /** The machine calls a port of ours; throws what it meets. */
  MachineEnd call(int port, boolean autoRead) throws InterruptedException {
    MachineEnd end = new MachineEnd();
    new Bootstrap()
        .group(loop)
        .channelFactory(() -> new TcpChannel(machine))
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.AUTO_READ, autoRead)
        .handler(end)
        .connect(new InetSocketAddress(OURS, port))
        .sync();
    return end;
  }

  EventLoop loop() {
    return loop;
  }

  @Override
  public String name() {
    return "machine";
  }

  @Override
  public long lastHandshakeEpochMillis() {
    return 1;
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  /** The stack of the machine in the tunnel; on its loop. */
  Stack machine() {
    return machine;
  }

  @Override
  public Stack own() {
    return ours;
  }

  @Override
  public InetAddress ownAddress(InetAddress called) {
    return OURS;
  }

  @Override
  public void close() throws Exception {
    loop.submit(
            () -> {
              machine.close();
              ours.close();
            })
        .get();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }
}
