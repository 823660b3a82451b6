package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire;
import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.testing.VirtualClock;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.TimestampSource;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** Two cores of one interface: everything comes in on the first, the peer lives on the second. */
class HandOverTest {

  private final VirtualClock clock = new VirtualClock();
  private final BadWire wire = new BadWire(clock, 1);
  private final PrivateKey key = PrivateKey.generate(new SeededSecureRandom(1));
  private final SimulatedEndpoint device = new SimulatedEndpoint(clock, wire, Pair.DEVICE, 2);
  private final Core first = new Core();
  private final Core second = new Core();

  /** One core's outputs. What other threads have for it waits until somebody looks. */
  private final class Core implements CoreOutput {
    final Queue<LongConsumer> inbox = new ArrayDeque<>();
    final List<DropReason> drops = new ArrayList<>();
    WireGuardCore core;

    @Override
    public void resume(LongConsumer work) {
      inbox.add(work);
    }

    @Override
    public void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket) {
      wire.send(Pair.SERVER, destination, Arrays.copyOf(datagram, length));
    }

    @Override
    public void dropped(DropReason reason) {
      drops.add(reason);
    }

    @Override
    public void unknownKey(PublicKey unknown, InetSocketAddress source) {}
  }

  private Peer peer() {
    InterfaceState shared =
        new InterfaceState(
            CryptoProviders.bouncyCastle(),
            key,
            new SeededSecureRandom(3),
            new TimestampSource(clock::unixNanos, 0),
            device, // does mathematics at once
            2);
    first.core = new WireGuardCore(shared, 0, first);
    second.core = new WireGuardCore(shared, 1, second);
    SimulatedEndpoint outputs = new SimulatedEndpoint(clock, wire, Pair.SERVER, 4);
    Peer peer =
        second.core.register(
            PeerConfig.of("device", device.key.publicKey(), List.of(IpPrefix.parse("10.6.0.2"))),
            outputs);
    second.core.publish(peer);
    packets = outputs.packets;
    wire.attach(Pair.SERVER, this::receive);
    device.peer(
        PeerConfig.of("server", key.publicKey(), List.of(IpPrefix.parse("0.0.0.0/0")))
            .withEndpoint(Pair.SERVER));
    return peer;
  }

  private List<byte[]> packets;

  private void receive(byte[] datagram, InetSocketAddress from) {
    byte[] buffer = Arrays.copyOf(datagram, WireGuardCore.MAX_DATAGRAM_BYTES);
    first.core.receive(buffer, datagram.length, from, 0, clock.nowNanos());
    // The socket's buffer is used again at once: what was handed over must be a copy.
    Arrays.fill(buffer, (byte) 0);
  }

  private void settle() {
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofMillis(10));
      for (Core core : List.of(first, second)) {
        while (!core.inbox.isEmpty()) {
          core.inbox.remove().accept(clock.nowNanos());
        }
      }
    }
  }

  @Test
  void aPeerWorksOnACoreThatHearsNothingItself() {
    Peer peer = peer();
    for (int i = 0; i < 3; i++) {
      device.send(Pair.toServer(i));
    }
    settle();
    assertThat(packets).extracting(Pair::number).containsExactly(0, 1, 2);
    peer.initiate(clock.nowNanos() + Constants.REKEY_TIMEOUT);
    settle();
    assertThat(device.handshakes).isEqualTo(2);
    assertThat(first.drops).isEmpty();
    assertThat(second.drops).isEmpty();
    assertThat(second.core.handedOver()).isGreaterThan(3);
    assertThat(first.core.handedOver()).isZero();
  }

  @Test
  void whatTheOtherCoreCannotTakeIsDroppedAndCounted() {
    peer();
    device.send(Pair.toServer(0));
    settle();
    for (int i = 0; i < 1100; i++) {
      device.send(Pair.toServer(i));
    }
    clock.advance(Duration.ofMillis(20));
    assertThat(second.inbox).hasSize(1024);
    assertThat(first.drops).hasSize(76).containsOnly(DropReason.LOOP_QUEUE_FULL);
    settle();
    assertThat(packets).hasSize(1025);
    device.send(Pair.toServer(7));
    settle();
    assertThat(packets).hasSize(1026);
  }
}
