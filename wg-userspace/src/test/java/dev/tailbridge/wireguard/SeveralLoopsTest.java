package dev.tailbridge.wireguard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.testing.NoBufferLeaks;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An endpoint on several event loops, with a peer for each of many small endpoints. */
@ExtendWith(NoBufferLeaks.class)
class SeveralLoopsTest {

  private static final int DEVICES = 16;
  private static final int ROUNDS = 10;
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private EventLoopGroup serverLoops;
  private EventLoopGroup deviceLoops;
  private WireGuardEndpoint server;
  private final PrivateKey serverKey = PrivateKey.generate(new SecureRandom());
  private final List<WireGuardEndpoint> devices = new ArrayList<>();
  private final Set<EventLoop> seenOn = ConcurrentHashMap.newKeySet();

  @BeforeEach
  void makeDeviceLoops() {
    deviceLoops = new EpollEventLoopGroup(1);
  }

  @AfterEach
  void close() {
    devices.forEach(device -> device.close().syncUninterruptibly());
    if (server != null) {
      server.close().syncUninterruptibly();
    }
    if (serverLoops != null) {
      serverLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
    deviceLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void listen(int loops) {
    serverLoops = new EpollEventLoopGroup(loops);
    server = WireGuardEndpoint.builder(serverKey, serverLoops).listen(List.of(ANY_PORT)).build();
    server.bind().syncUninterruptibly();
  }

  /** Sends back what it gets, with the addresses exchanged. */
  private PacketReceiver echo(WireGuardPeer peer) {
    return new PacketReceiver() {
      @Override
      public void packet(ByteBuf packet) {
        seenOn.add(peer.eventLoop());
        assertThat(peer.eventLoop().inEventLoop()).isTrue();
        int source = packet.getInt(12);
        packet.setInt(12, packet.getInt(16)).setInt(16, source);
        peer.write(packet);
      }

      @Override
      public void batchComplete() {
        peer.flush();
      }
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void everyPeerIsServedOnItsOwnLoopAndTheKernelBringsItsDataThere(int loops) {
    listen(loops);
    int usable = Integer.highestOneBit(loops);
    assertThat(server.eventLoops()).hasSize(usable);
    List<AtomicInteger> answers = new ArrayList<>();
    List<WireGuardPeer> peers = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      PrivateKey key = PrivateKey.generate(new SecureRandom());
      String address = "10.6.0." + (i + 2);
      server.addPeer(
          PeerConfig.of(address, key.publicKey(), List.of(IpPrefix.parse(address))),
          peer -> peer.receiver(echo(peer)));
      WireGuardEndpoint device =
          WireGuardEndpoint.builder(key, deviceLoops).listen(List.of(ANY_PORT)).build();
      device.bind().syncUninterruptibly();
      devices.add(device);
      AtomicInteger received = new AtomicInteger();
      answers.add(received);
      peers.add(
          device.addPeer(
              PeerConfig.of("server", serverKey.publicKey(), List.of(IpPrefix.parse("0.0.0.0/0")))
                  .withEndpoint(server.localAddresses().get(0)),
              peer -> peer.receiver(inOrder(received))));
    }
    for (int round = 0; round < ROUNDS; round++) {
      int number = round;
      for (int i = 0; i < DEVICES; i++) {
        WireGuardPeer peer = peers.get(i);
        ByteBuf packet = packet(i + 2, 1, number);
        peer.eventLoop()
            .execute(
                () -> {
                  peer.write(packet);
                  peer.flush();
                });
      }
      await()
          .pollInterval(Duration.ofMillis(5))
          .until(() -> answers.stream().allMatch(count -> count.get() == number + 1));
    }
    assertThat(seenOn).hasSize(usable);
    assertThat(server.handedOver()).isZero();
    assertThat(
            Arrays.stream(DropReason.values())
                .filter(reason -> server.dropped(reason) > 0)
                .collect(Collectors.toList()))
        .isEmpty();
  }

  private static PacketReceiver inOrder(AtomicInteger received) {
    return new PacketReceiver() {
      @Override
      public void packet(ByteBuf packet) {
        if (packet.getInt(20) == received.get()) {
          received.incrementAndGet();
        }
        packet.release();
      }

      @Override
      public void batchComplete() {}
    };
  }

  /** Two processes of one user would lose half of their datagrams each, without a word. */
  @Test
  void aSharedPortIsStillInUse() {
    listen(2);
    WireGuardEndpoint second =
        WireGuardEndpoint.builder(PrivateKey.generate(new SecureRandom()), deviceLoops)
            .listen(server.localAddresses())
            .build();
    assertThatThrownBy(() -> second.bind().syncUninterruptibly())
        .isInstanceOf(ListenException.class);
  }

  @Test
  void aPacketIsRoutedFromAnyLoopToThePeersOwn() {
    listen(2);
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    WireGuardEndpoint device =
        WireGuardEndpoint.builder(key, deviceLoops).listen(List.of(ANY_PORT)).build();
    device.bind().syncUninterruptibly();
    devices.add(device);
    AtomicInteger received = new AtomicInteger();
    device.addPeer(
        PeerConfig.of("server", serverKey.publicKey(), List.of(IpPrefix.parse("0.0.0.0/0"))),
        peer -> peer.receiver(inOrder(received)));
    server.addPeer(
        PeerConfig.of("device", key.publicKey(), List.of(IpPrefix.parse("10.6.0.2")))
            .withEndpoint(device.localAddresses().get(0)));
    int sent = 0;
    for (EventLoop loop : server.eventLoops()) {
      ByteBuf packet = packet(1, 2, sent++);
      loop.submit(
              () -> {
                server.write(packet);
                server.flush();
              })
          .syncUninterruptibly();
    }
    await().until(() -> received.get() == 2);
  }

  private static ByteBuf packet(int source, int destination, int number) {
    return Unpooled.wrappedBuffer(
        ByteBufUtil.decodeHexDump(
            String.format(
                "4500001800000000401100000a0600%02x0a0600%02x%08x", source, destination, number)));
  }
}
