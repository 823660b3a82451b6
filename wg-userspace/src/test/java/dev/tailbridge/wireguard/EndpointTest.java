package dev.tailbridge.wireguard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two endpoints over real sockets on loopback, on both transports. */
@ExtendWith(NoBufferLeaks.class)
class EndpointTest {

  enum Transport {
    EPOLL {
      @Override
      EventLoopGroup group() {
        return new EpollEventLoopGroup(2);
      }
    },
    NIO {
      @Override
      EventLoopGroup group() {
        return new NioEventLoopGroup(2);
      }
    };

    abstract EventLoopGroup group();
  }

  /** One endpoint on a loop of its own, and what its only peer sent. */
  private static final class End {
    final EventLoop loop;
    final PrivateKey key = PrivateKey.generate(new SecureRandom());
    final ConcurrentLinkedQueue<Integer> numbers = new ConcurrentLinkedQueue<>();
    final AtomicInteger batches = new AtomicInteger();
    WireGuardEndpoint endpoint;
    WireGuardPeer peer;

    End(EventLoop loop) {
      this.loop = loop;
    }

    void bind(InetSocketAddress address, WireGuardListener listener) throws Exception {
      endpoint =
          WireGuardEndpoint.builder(key, loop).listen(List.of(address)).listener(listener).build();
      endpoint.bind().sync();
    }

    void peer(End other, String address, PresharedKey psk, boolean knowsEndpoint) {
      PeerConfig config =
          PeerConfig.of(address, other.key.publicKey(), List.of(IpPrefix.parse(address)))
              .withPresharedKey(psk);
      InetSocketAddress endpointAddress =
          knowsEndpoint ? other.endpoint.localAddresses().get(0) : null;
      peer = on(() -> endpoint.addPeer(config.withEndpoint(endpointAddress)));
      PacketReceiver receiver =
          new PacketReceiver() {
            @Override
            public void packet(ByteBuf packet) {
              numbers.add(packet.getInt(20));
              packet.release();
            }

            @Override
            public void batchComplete() {
              batches.incrementAndGet();
            }
          };
      on(
          () -> {
            peer.receiver(receiver);
            return peer;
          });
    }

    <T> T on(Callable<T> call) {
      return loop.submit(call).syncUninterruptibly().getNow();
    }
  }

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final InetAddress IPV6_LOOPBACK = IpPrefix.parse("0:0:0:0:0:0:0:1").address();
  private EventLoopGroup group;
  private final List<End> ends = new ArrayList<>();

  @AfterEach
  void close() {
    for (End end : ends) {
      if (end.endpoint != null) {
        end.endpoint.close().syncUninterruptibly();
      }
    }
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private End end() {
    End end = new End(group.next());
    ends.add(end);
    return end;
  }

  private static ByteBuf packet(int source, int destination, int number) {
    return Unpooled.directBuffer(24)
        .writeBytes(ByteBufUtil.decodeHexDump("450000180000000040110000"))
        .writeInt(0x0a060000 + source)
        .writeInt(0x0a060000 + destination)
        .writeInt(number);
  }

  private static void send(End from, int source, int destination, int first, int count) {
    from.on(
        () -> {
          for (int i = 0; i < count; i++) {
            from.peer.write(packet(source, destination, first + i));
          }
          from.peer.flush();
          return null;
        });
  }

  private void connect(PresharedKey psk, WireGuardListener listener) throws Exception {
    End a = end();
    End b = end();
    a.bind(ANY_PORT, listener);
    b.bind(ANY_PORT, new WireGuardListener() {});
    a.peer(b, "10.6.0.2", psk, false);
    b.peer(a, "10.6.0.1", psk, true);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void tenThousandPacketsArriveInOrder(Transport transport) throws Exception {
    group = transport.group();
    connect(PresharedKey.generate(new SecureRandom()), new WireGuardListener() {});
    End a = ends.get(0);
    End b = ends.get(1);
    int total = 10_000;
    int burst = 50;
    for (int sent = 0; sent < total; sent += burst) {
      send(b, 2, 1, sent, burst);
      int expected = sent + burst;
      await().pollInterval(Duration.ofMillis(1)).until(() -> a.numbers.size() == expected);
      send(a, 1, 2, sent, burst);
      await().pollInterval(Duration.ofMillis(1)).until(() -> b.numbers.size() == expected);
    }
    List<Integer> order = IntStream.range(0, total).boxed().toList();
    assertThat(List.copyOf(a.numbers)).isEqualTo(order);
    assertThat(List.copyOf(b.numbers)).isEqualTo(order);
    assertThat(a.batches.get()).isPositive().isLessThanOrEqualTo(total);
    // 24 bytes are padded to 32, header and tag are 32 more.
    assertThat(a.peer.status().rxBytes()).isGreaterThanOrEqualTo(total * 64L);
    assertThat(b.peer.status().txBytes()).isEqualTo(a.peer.status().rxBytes());
    assertThat(a.peer.status().lastHandshakeEpochMillis())
        .isCloseTo(System.currentTimeMillis(), within(60_000L));
    assertThat(a.peer.status().drops()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anEndpointRoutesByDestination(Transport transport) throws Exception {
    group = transport.group();
    connect(null, new WireGuardListener() {});
    End a = ends.get(0);
    End b = ends.get(1);
    b.on(
        () -> {
          b.endpoint.write(packet(2, 1, 7));
          b.endpoint.write(packet(2, 99, 8));
          b.endpoint.flush();
          return null;
        });
    await().until(() -> a.numbers.size() == 1);
    assertThat(a.numbers).containsExactly(7);
    assertThat(b.endpoint.dropped(DropReason.NO_ROUTE)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aPeerThatMovesIsAnsweredAtItsNewPort(Transport transport) throws Exception {
    group = transport.group();
    List<InetSocketAddress> moves = Collections.synchronizedList(new ArrayList<>());
    connect(
        null,
        new WireGuardListener() {
          @Override
          public void endpointChanged(
              WireGuardPeer peer, InetSocketAddress previous, InetSocketAddress current) {
            moves.add(current);
          }
        });
    End a = ends.get(0);
    End b = ends.get(1);
    send(b, 2, 1, 0, 1);
    await().until(() -> a.numbers.size() == 1);
    InetSocketAddress before = b.endpoint.localAddresses().get(0);
    assertThat(a.peer.status().endpoint()).isEqualTo(before);

    End moved = end();
    moved.endpoint =
        WireGuardEndpoint.builder(b.key, moved.loop)
            .listen(List.of(ANY_PORT))
            .timestampFloor(b.endpoint.timestampFloor())
            .build();
    // Both ports are in use for a moment, so they are two.
    moved.endpoint.bind().sync();
    b.endpoint.close().sync();
    moved.peer(a, "10.6.0.1", null, true);
    send(moved, 2, 1, 1, 1);
    await().until(() -> a.numbers.size() == 2);
    InetSocketAddress after = moved.endpoint.localAddresses().get(0);
    assertThat(moves).containsExactly(before, after);
    send(a, 1, 2, 5, 1);
    await().until(() -> moved.numbers.contains(5));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTakenPortIsNamed(Transport transport) throws Exception {
    group = transport.group();
    try (DatagramSocket taken = new DatagramSocket(ANY_PORT)) {
      var address = (InetSocketAddress) taken.getLocalSocketAddress();
      WireGuardEndpoint endpoint =
          WireGuardEndpoint.builder(PrivateKey.generate(new SecureRandom()), group.next())
              .listen(List.of(ANY_PORT, address))
              .leaveOutMissingFamily(true)
              .build();
      assertThatThrownBy(() -> endpoint.bind().sync())
          .isInstanceOf(BindException.class)
          .hasMessageContaining("127.0.0.1 port " + address.getPort());
      assertThat(endpoint.localAddresses()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aRemovedPeerTakesNothingAndOtherThreadsAreSentAway(Transport transport) throws Exception {
    group = transport.group();
    connect(null, new WireGuardListener() {});
    End b = ends.get(1);
    b.on(
        () -> {
          b.endpoint.removePeer(b.peer);
          b.peer.write(packet(2, 1, 1));
          return null;
        });
    assertThat(b.peer.status().drops()).containsEntry(DropReason.PEER_REMOVED, 1L);
    ByteBuf packet = packet(2, 1, 2);
    assertThatThrownBy(() -> b.peer.write(packet))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("event loop");
    packet.release();
  }

  /** As the bridge listens. Not on NIO: its IPv6 sockets take the IPv4 port as well. */
  @ParameterizedTest
  @EnumSource(names = "EPOLL")
  void bothFamiliesShareAPort(Transport transport) throws Exception {
    group = transport.group();
    assumeTrue(hasIpv6Loopback(), "this host has no ::1");
    End a = end();
    End b = end();
    a.bind(new InetSocketAddress("0.0.0.0", 0), new WireGuardListener() {});
    int port = a.endpoint.localAddresses().get(0).getPort();
    a.endpoint.close().sync();
    a.endpoint =
        WireGuardEndpoint.builder(a.key, a.loop)
            .listen(
                List.of(new InetSocketAddress("0.0.0.0", port), new InetSocketAddress("::", port)))
            .leaveOutMissingFamily(true)
            .build();
    a.endpoint.bind().sync();
    assertThat(a.endpoint.localAddresses()).hasSize(2);
    b.bind(new InetSocketAddress(IPV6_LOOPBACK, 0), new WireGuardListener() {});
    a.peer(b, "10.6.0.2", null, false);
    PeerConfig config =
        PeerConfig.of("a", a.key.publicKey(), List.of(IpPrefix.parse("10.6.0.1")))
            .withEndpoint(new InetSocketAddress(IPV6_LOOPBACK, port));
    b.peer = b.on(() -> b.endpoint.addPeer(config));
    send(b, 2, 1, 3, 1);
    await().until(() -> a.numbers.contains(3));
    assertThat(a.peer.status().endpoint().getAddress()).isInstanceOf(Inet6Address.class);
    assertThat(b.endpoint.dropped(DropReason.NO_SOCKET)).isZero();
  }

  private static boolean hasIpv6Loopback() {
    try (DatagramSocket probe = new DatagramSocket(new InetSocketAddress(IPV6_LOOPBACK, 0))) {
      return probe.isBound();
    } catch (SocketException e) {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aPeerOfAFamilyWithoutASocketIsDroppedWithAReason(Transport transport) throws Exception {
    group = transport.group();
    End a = end();
    a.bind(ANY_PORT, new WireGuardListener() {});
    PeerConfig config =
        PeerConfig.of("far", PrivateKey.generate(new SecureRandom()).publicKey(), List.of())
            .withEndpoint(new InetSocketAddress("2001:db8::1", 1));
    a.peer = a.on(() -> a.endpoint.addPeer(config));
    send(a, 1, 2, 1, 1);
    await().until(() -> a.peer.status().dropped(DropReason.NO_SOCKET) == 1);
    assertThat(a.peer.status().txBytes()).isZero();
  }

  /** One receiver that fails costs its own packets, not the session and not the endpoint. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  void aFailingReceiverHarmsNothingElse(Transport transport) throws Exception {
    group = transport.group();
    connect(null, new WireGuardListener() {});
    End a = ends.get(0);
    End b = ends.get(1);
    AtomicInteger calls = new AtomicInteger();
    a.on(
        () -> {
          a.peer.receiver(
              new PacketReceiver() {
                @Override
                public void packet(ByteBuf packet) {
                  packet.release();
                  if (calls.incrementAndGet() == 1) {
                    throw new IllegalStateException("thrown by a test on purpose");
                  }
                }

                @Override
                public void batchComplete() {}
              });
          return null;
        });
    send(b, 2, 1, 1, 1);
    await().until(() -> calls.get() == 1);
    send(b, 2, 1, 2, 1);
    await().until(() -> calls.get() == 2);
  }

  /** A listener may remove the peer that it is told about, in the middle of its handshake. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  void aPeerMayBeRemovedFromWithinItsOwnEvent(Transport transport) throws Exception {
    group = transport.group();
    AtomicReference<WireGuardEndpoint> server = new AtomicReference<>();
    connect(
        null,
        new WireGuardListener() {
          @Override
          public void handshakeCompleted(WireGuardPeer peer) {
            server.get().removePeer(peer);
          }
        });
    End a = ends.get(0);
    End b = ends.get(1);
    server.set(a.endpoint);
    send(b, 2, 1, 1, 1);
    await().until(() -> a.endpoint.dropped(DropReason.PEER_REMOVED) == 1);
    send(b, 2, 1, 2, 1);
    await().until(() -> a.endpoint.dropped(DropReason.UNKNOWN_INDEX) == 1);
    assertThat(a.numbers).isEmpty();
  }
}
