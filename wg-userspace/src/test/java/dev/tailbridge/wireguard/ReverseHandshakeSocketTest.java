package dev.tailbridge.wireguard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A device comes back with its clock behind, over real sockets: the rescue as a listener sees it.
 */
@ExtendWith(NoBufferLeaks.class)
class ReverseHandshakeSocketTest {

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private final NioEventLoopGroup group = new NioEventLoopGroup(1);
  private final EventLoop loop = group.next();
  private final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private WireGuardEndpoint endpoint(PrivateKey key, WireGuardListener listener, long floor) {
    WireGuardEndpoint endpoint =
        WireGuardEndpoint.builder(key, loop)
            .listen(List.of(ANY_PORT))
            .listener(listener)
            .timestampFloor(floor)
            .build();
    endpoint.bind().syncUninterruptibly();
    return endpoint;
  }

  private WireGuardEndpoint device(PrivateKey key, PeerConfig server, long floor) {
    WireGuardEndpoint device = endpoint(key, new WireGuardListener() {}, floor);
    loop.submit(() -> device.addPeer(server).initiate()).syncUninterruptibly();
    return device;
  }

  @Test
  void theRescueIsReportedAndTheDropCounted() {
    PrivateKey serverKey = PrivateKey.generate(new SecureRandom());
    PrivateKey deviceKey = PrivateKey.generate(new SecureRandom());
    WireGuardEndpoint server = endpoint(serverKey, new Recorder(), 0);
    WireGuardPeer peer =
        loop.submit(() -> server.addPeer(PeerConfig.of("device", deviceKey.publicKey(), List.of())))
            .syncUninterruptibly()
            .getNow();
    PeerConfig asSeenByDevice =
        PeerConfig.of("server", serverKey.publicKey(), List.of())
            .withEndpoint(server.localAddresses().get(0));

    long ahead = System.currentTimeMillis() * 1_000_000 + HOUR_NANOS;
    WireGuardEndpoint before = device(deviceKey, asSeenByDevice, ahead);
    await().until(() -> events.contains("completed"));
    events.clear();

    // The one before keeps its port meanwhile, so that this one's is another.
    WireGuardEndpoint after = device(deviceKey, asSeenByDevice, 0);
    before.close().syncUninterruptibly();
    await().until(() -> events.contains("completed"));
    assertThat(events).containsExactly("stale", "sent", "answered", "completed");
    assertThat(peer.status().dropped(DropReason.STALE_INITIATION)).isEqualTo(1);
    assertThat(peer.status().rescues()).isEqualTo(new RescueStatus(1, 1, 0, Map.of()));
    assertThat(peer.status().moves())
        .isEqualTo(Map.of(EndpointChange.FIRST, 1L, EndpointChange.PORT, 1L));
    assertThat(peer.status().endpoint()).isEqualTo(after.localAddresses().get(0));
    after.close().syncUninterruptibly();
    server.close().syncUninterruptibly();
  }

  private final class Recorder implements WireGuardListener {

    @Override
    public void handshakeCompleted(WireGuardPeer peer) {
      events.add("completed");
    }

    @Override
    public void staleInitiation(WireGuardPeer peer, long behindNanos, InetSocketAddress source) {
      events.add("stale");
    }

    @Override
    public void reverseHandshakeSent(WireGuardPeer peer, InetSocketAddress destination) {
      events.add("sent");
    }

    @Override
    public void reverseHandshakeAnswered(WireGuardPeer peer, long afterNanos) {
      events.add("answered");
    }
  }
}
