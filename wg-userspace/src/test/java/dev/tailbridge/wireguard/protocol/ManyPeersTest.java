package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire;
import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.testing.VirtualClock;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.crypto.Tai64n;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A thousand peers of one core, in virtual time. */
class ManyPeersTest {

  private static final int PEERS = 1000;

  /** Q2: bytes for a peer that nothing goes on with. */
  private static final long IDLE_PEER_BYTES = 4096;

  private final VirtualClock clock = new VirtualClock();
  private final BadWire wire = new BadWire(clock, 1);
  private final SimulatedEndpoint server = new SimulatedEndpoint(clock, wire, Pair.SERVER, 1);

  private static PeerConfig config(int number, PublicKey key) {
    return PeerConfig.of("d" + number, key, List.of(IpPrefix.parse(address(number) + "/32")));
  }

  private static String address(int number) {
    return "10.6." + number / 250 + "." + (2 + number % 250);
  }

  /** From this device to ours, or back. */
  private static byte[] packet(int number, boolean toServer) {
    byte[] packet = Pair.packet(1, 1, number);
    byte[] device = IpPrefix.parse(address(number)).address().getAddress();
    System.arraycopy(device, 0, packet, toServer ? 12 : 16, 4);
    return packet;
  }

  @Test
  void allHaveTheirOwnSessionAndIndex() {
    List<SimulatedEndpoint> devices = new ArrayList<>();
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < PEERS; i++) {
      var at = new InetSocketAddress(Pair.DEVICE.getAddress(), 20_000 + i);
      SimulatedEndpoint device = new SimulatedEndpoint(clock, wire, at, 10_000 + 7L * i);
      device.peer(
          PeerConfig.of("server", server.key.publicKey(), List.of(IpPrefix.parse("10.6.0.0/16")))
              .withEndpoint(Pair.SERVER));
      peers.add(server.addPeer(config(i, device.key.publicKey())));
      devices.add(device);
    }
    for (int round = 1; round <= 2; round++) {
      for (int i = 0; i < PEERS; i++) {
        devices.get(i).act(devices.get(i).peer::initiate);
        devices.get(i).send(packet(i, true));
      }
      clock.advance(Duration.ofSeconds(6));
      assertThat(server.drops).isEmpty();
      assertThat(server.handshakes).isEqualTo(round * PEERS);
      assertThat(server.packets).hasSize(round * PEERS);
      assertThat(server.core.indices.size()).isEqualTo(round * PEERS);
    }
    Set<Integer> indices = new HashSet<>();
    for (int i = 0; i < PEERS; i++) {
      Peer peer = peers.get(i);
      assertThat(peer.endpoint()).isEqualTo(devices.get(i).address);
      for (Keypair keypair :
          List.of(peer.transport.keypairs.current(), peer.transport.keypairs.previous())) {
        assertThat(indices.add(keypair.localIndex)).isTrue();
        assertThat(server.core.indices.find(keypair.localIndex)).isSameAs(peer);
      }
      byte[] packet = packet(i, false);
      assertThat(server.core.route(packet, packet.length)).isSameAs(peer);
      peer.send(packet, packet.length, clock.nowNanos());
    }
    clock.advance(Duration.ofSeconds(1));
    for (int i = 0; i < PEERS; i++) {
      assertThat(devices.get(i).packets.stream().map(Pair::number)).containsExactly(i);
    }
    for (int i = 0; i < PEERS; i++) {
      server.core.removePeer(peers.get(i));
      assertThat(server.core.indices.size()).isEqualTo(2 * (PEERS - 1 - i));
    }
  }

  @Test
  void anIdlePeerIsSmall() {
    List<PeerConfig> configs = new ArrayList<>();
    List<PrivateKey> keys = new ArrayList<>();
    SeededSecureRandom random = new SeededSecureRandom(3);
    for (int i = 0; i < PEERS; i++) {
      keys.add(PrivateKey.generate(random));
      configs.add(config(i, keys.get(i).publicKey()));
    }
    final long before = usedHeap();
    for (PeerConfig config : configs) {
      server.addPeer(config);
    }
    final long registered = usedHeap();
    for (int i = 0; i < PEERS; i++) {
      byte[] timestamp = Tai64n.encode(2_000_000_000L, 0);
      Initiations device = new Initiations(keys.get(i), server.key.publicKey());
      server.receive(device.at(timestamp), Pair.DEVICE);
    }
    wire.takeSent();
    clock.advance(Duration.ofSeconds(1));
    wire.takeSent();
    assertThat(server.core.indices.size()).isEqualTo(PEERS);
    final long inSession = usedHeap();
    long alone = (registered - before) / PEERS;
    long session = (inSession - registered) / PEERS;
    // Measured with Bouncy Castle: about 1050, and 1900 more with a session.
    assertThat(alone).as("without a session").isBetween(100L, IDLE_PEER_BYTES / 2);
    assertThat(alone + session).as("with one").isBetween(100L, IDLE_PEER_BYTES);
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
