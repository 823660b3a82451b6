package dev.tailbridge.bridge.gateway;

import static dev.tailbridge.bridge.gateway.GatewayRig.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.netstack.Stack;
import dev.tailbridge.netstack.StackConfig;
import dev.tailbridge.netstack.channel.TcpServerChannel;
import dev.tailbridge.wireguard.OddEndpoints;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import dev.tailbridge.wireguard.WireGuardListener;
import dev.tailbridge.wireguard.WireGuardPeer;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bridge as a client, through real sockets, with WireGuard's time twenty times as fast. */
class UplinkTest {

  private static final int PACE = 20;
  private static final InetAddress OURS = IpPrefix.parse("10.8.0.2").address();
  private static final InetAddress SERVER = IpPrefix.parse("10.8.0.1").address();

  private final EpollEventLoopGroup group = new EpollEventLoopGroup(1);
  private final PrivateKey serverKey = PrivateKey.generate(new SecureRandom());
  private final PrivateKey ourKey = PrivateKey.generate(new SecureRandom());
  private final AtomicInteger lookups = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile List<InetAddress> found = List.of();
  private AddressLookup names;
  private WireGuardEndpoint ours;
  private WireGuardEndpoint server;
  private Uplink uplink;

  @BeforeEach
  void start() throws Exception {
    names =
        new AddressLookup(
            host -> {
              lookups.incrementAndGet();
              if (found.isEmpty()) {
                throw new UnknownHostException(host);
              }
              return found;
            });
    ours =
        OddEndpoints.faster(WireGuardEndpoint.builder(ourKey, group), PACE)
            .listen(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .listener(new Listener())
            .build();
    ours.bind().sync();
  }

  @AfterEach
  void stop() throws Exception {
    ours.close().sync();
    if (server != null) {
      server.close().sync();
    }
    names.close();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private final class Listener implements WireGuardListener {
    @Override
    public void handshakeCompleted(WireGuardPeer peer) {
      group.execute(() -> uplink.sessionBegan());
    }

    @Override
    public void handshakeUnanswered(WireGuardPeer peer) {
      unanswered.incrementAndGet();
      group.execute(() -> uplink.handshakeUnanswered());
    }
  }

  /** A server whose machine says what it hears. */
  private void serve(String address, int port) throws Exception {
    server =
        OddEndpoints.faster(WireGuardEndpoint.builder(serverKey, group), PACE)
            .listen(List.of(new InetSocketAddress(IpPrefix.parse(address).address(), port)))
            .build();
    server.bind().sync();
    WireGuardPeer client =
        server.addPeer(PeerConfig.of("client", ourKey.publicKey(), List.of(IpPrefix.of(OURS, 32))));
    Stack machine =
        client.eventLoop().submit(() -> new Stack(client, List.of(SERVER)).start()).get();
    new ServerBootstrap()
        .group(machine.eventLoop())
        .channelFactory(() -> new TcpServerChannel(machine))
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new MachineEnd.Echo());
              }
            })
        .bind(7)
        .sync();
  }

  private int port() {
    return server.localAddresses().get(0).getPort();
  }

  private void dial(int port) throws Exception {
    UplinkSettings settings =
        new UplinkSettings(
            "office", "vpn.example.net", port, List.of(OURS), 1420, StackConfig.wan(1420));
    ours.addPeer(
        PeerConfig.of("office", serverKey.publicKey(), List.of(IpPrefix.parse("10.8.0.0/24")))
            .withPersistentKeepalive(Duration.ofSeconds(25)),
        peer -> {
          uplink = new Uplink(settings, peer, names);
          peer.eventLoop().execute(uplink::start);
        });
  }

  private void assertEcho() throws Exception {
    TcpIngress rule =
        new TcpIngress(
            "ingress",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new InetSocketAddress(SERVER, 7),
            GatewayRig.LIMITS,
            group.next());
    rule.begin();
    group.submit(() -> rule.tunnelBegan(uplink)).get();
    byte[] said = "hello, server".getBytes(US_ASCII);
    try (Socket caller = new Socket(rule.address().getAddress(), rule.address().getPort())) {
      caller.setSoTimeout(10_000);
      caller.getOutputStream().write(said);
      caller.shutdownOutput();
      assertThat(caller.getInputStream().readAllBytes()).isEqualTo(said);
    }
    rule.close();
  }

  private boolean connected() {
    return uplink != null && uplink.peer().status().lastHandshakeEpochMillis() != 0;
  }

  @Test
  void aServerThatIsFoundByNameIsDialedAndCarriesConnections() throws Exception {
    serve("127.0.0.1", 0);
    found = List.of(IpPrefix.parse("127.0.0.1").address());
    dial(port());
    until(this::connected);
    assertEcho();
    // One more for each initiation that a busy machine answers too late for this fast a clock.
    int looked = lookups.get();
    assertThat(looked).isBetween(1, 1 + unanswered.get());
  }

  @Test
  void anAddressThatDoesNotAnswerGivesWayToTheNextOne() throws Exception {
    serve("127.0.0.1", 0);
    found =
        List.of(
            IpPrefix.parse("::1").address(),
            IpPrefix.parse("127.0.0.9").address(),
            IpPrefix.parse("127.0.0.1").address());
    dial(port());
    until(this::connected);
    assertEcho();
  }

  @Test
  void aServerThatMovedIsFoundAgain() throws Exception {
    serve("127.0.0.1", 0);
    int port = port();
    found = List.of(IpPrefix.parse("127.0.0.1").address());
    dial(port);
    until(this::connected);
    server.close().sync();
    serve("127.0.0.2", port);
    found = List.of(IpPrefix.parse("127.0.0.2").address());
    long before = uplink.peer().status().lastHandshakeEpochMillis();
    // What is sent in vain makes WireGuard ask for a session, within 15 s of its time.
    group.execute(() -> uplink.peer().initiate());
    until(() -> uplink.peer().status().lastHandshakeEpochMillis() > before);
    assertThat(uplink.peer().status().endpoint().getAddress()).isEqualTo(found.get(0));
    assertEcho();
  }
}
