package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device that comes back with its clock at 1970, and somebody who replays what it sent. */
class ReverseRescueTest {

  private static final Duration ONE_WAY = Duration.ofMillis(10);

  private final Pair pair = Pair.inSession(1);
  private final SimulatedEndpoint server = pair.server;

  /** The device after a power cut: same key, nothing remembered, the clock starts at 1970. */
  private SimulatedEndpoint reboot(InetSocketAddress address, Duration keepalive) {
    pair.wire.detach(Pair.DEVICE);
    SimulatedEndpoint chip =
        new SimulatedEndpoint(
            pair.clock, pair.wire, address, pair.device.key, 99, pair.clock.unixNanos());
    chip.peer(
        pair.device
            .peer
            .config()
            .withPersistentKeepalive(keepalive)
            .withStaleInitiations(StaleInitiations.DROP));
    return chip;
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void aRebootedChipHasASessionWithinOneRoundTripOfItsFirstInitiation(
      boolean alive, boolean sameAddress) {
    pair.clock.advance(Duration.ofSeconds(alive ? 3 : 600));
    InetSocketAddress address = sameAddress ? Pair.DEVICE : Pair.ELSEWHERE;
    SimulatedEndpoint chip = reboot(address, Duration.ZERO);
    chip.send(Pair.toServer(7));
    pair.clock.advance(ONE_WAY);
    assertThat(server.drops).containsExactly(DropReason.STALE_INITIATION);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    pair.clock.advance(ONE_WAY.multipliedBy(2));
    assertThat(server.reverseAnswers).containsExactly(ONE_WAY.multipliedBy(2).toNanos());
    assertThat(server.peer.endpoint()).isEqualTo(address);
    pair.clock.advance(ONE_WAY.multipliedBy(2));
    assertThat(server.packets).containsExactly(Pair.toServer(7));
    server.send(Pair.toDevice(8));
    pair.clock.advance(ONE_WAY);
    assertThat(chip.packets).containsExactly(Pair.toDevice(8));
  }

  @Test
  void withoutTheReverseHandshakeItStaysOut() {
    PeerConfig config = server.peer.config();
    server.core.removePeer(server.peer);
    server.peer(config.withStaleInitiations(StaleInitiations.DROP));
    pair.device.core.removePeer(pair.device.peer);
    pair.device.peer(pair.device.peer.config());
    pair.connect();
    server.handshakes = 0;
    SimulatedEndpoint chip = reboot(Pair.DEVICE, Duration.ZERO);
    chip.send(Pair.toServer(7));
    pair.clock.advance(Duration.ofSeconds(60));
    assertThat(server.handshakes).isZero();
    assertThat(server.packets).isEmpty();
  }

  @Test
  void ofARescuedPeerAnyKeepaliveAfter120SecondsStartsTheRekeyEveryTime() {
    pair.clock.advance(Duration.ofMinutes(10));
    reboot(Pair.DEVICE, Duration.ofSeconds(25));
    pair.clock.advance(Duration.ofSeconds(1));
    assertThat(server.reverseAnswers).hasSize(1);
    server.handshakes = 0;
    server.drops.clear();
    pair.wire.takeSent();
    pair.clock.advance(Duration.ofMinutes(10));
    List<Long> rekeys =
        Pair.from(Pair.SERVER, pair.wire.takeSent()).stream()
            .filter(datagram -> datagram.type() == Message.INITIATION)
            .map(Datagram::nanos)
            .toList();
    // Between 120 s and the second keepalive after that, session after session.
    assertThat(rekeys).hasSize(4);
    for (int i = 1; i < rekeys.size(); i++) {
      assertThat(Duration.ofNanos(rekeys.get(i) - rekeys.get(i - 1)))
          .isBetween(Duration.ofSeconds(120), Duration.ofSeconds(151));
    }
    assertThat(server.handshakes).isEqualTo(4);
    assertThat(server.drops).isEmpty();
    assertThat(server.reverses).hasSize(1);
  }

  @Test
  void anOrdinaryPeersRekeyOnReceiptStaysAt165Seconds() {
    pair.clock.advance(Duration.ofSeconds(6));
    server.act(server.peer::initiate);
    pair.clock.advance(Duration.ofSeconds(150));
    pair.wire.takeSent();
    pair.device.act(pair.device.peer::sendKeepalive);
    pair.clock.advance(ONE_WAY);
    assertThat(Pair.from(Pair.SERVER, pair.wire.takeSent())).isEmpty();
  }

  @Test
  void withItsClockSetAgainItIsAnOrdinaryPeer() {
    reboot(Pair.DEVICE, Duration.ZERO);
    pair.clock.advance(Duration.ofSeconds(6));
    pair.device.move(Pair.DEVICE);
    byte[] stale = new Initiations(pair.device.key, server.key.publicKey()).stale();
    server.receive(stale, Pair.DEVICE);
    pair.clock.advance(ONE_WAY.multipliedBy(2));
    assertThat(server.peer.reverse.isRescued()).isTrue();
    pair.clock.advance(Duration.ofSeconds(6));
    pair.connect();
    assertThat(server.peer.reverse.isRescued()).isFalse();
  }

  @Test
  void replaysOfManyStaleInitiationsChangeNothingAndAreLimited() {
    pair.wire.detach(Pair.ELSEWHERE);
    Initiations device = new Initiations(pair.device.key, server.key.publicKey());
    List<byte[]> captured = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      captured.add(device.stale());
    }
    final Keypair current = server.keypairs().current();
    final byte[] greatest = server.peer.handshakes.greatestTimestamp();
    final int indices = server.core.indices.size();
    int replays = 0;
    for (int second = 0; second < 60; second++) {
      for (byte[] initiation : captured) {
        server.receive(initiation, Pair.ELSEWHERE);
        replays++;
      }
      pair.device.act(pair.device.peer::sendKeepalive);
      pair.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(server.drops).hasSize(replays).containsOnly(DropReason.STALE_INITIATION);
    assertThat(server.reverses).hasSize(2);
    assertThat(server.handshakes).isEqualTo(1);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    assertThat(server.keypairs().current()).isSameAs(current);
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(greatest);
    pair.clock.advance(Duration.ofSeconds(5));
    assertThat(server.core.indices.size()).isEqualTo(indices);
    server.send(Pair.toDevice(1));
    pair.clock.advance(ONE_WAY);
    assertThat(pair.device.packets).containsExactly(Pair.toDevice(1));
  }

  /** Fresh, stale and repeated initiations, answered probes and time in any order. */
  @Property(tries = 50)
  void theGreatestTimestampIsNeverLowered(@ForAll long seed) {
    Random random = new Random(seed);
    Pair own = Pair.inSession(seed);
    own.wire.loss(0.2).duplication(0.2).delay(ONE_WAY, Duration.ofSeconds(2));
    Initiations device = new Initiations(own.device.key, own.server.key.publicKey());
    List<byte[]> sent = new ArrayList<>();
    byte[] greatest = own.server.peer.handshakes.greatestTimestamp();
    for (int step = 0; step < 60; step++) {
      InetSocketAddress source = random.nextBoolean() ? Pair.DEVICE : Pair.ELSEWHERE;
      switch (random.nextInt(5)) {
        case 0 -> sent.add(device.stale());
        case 1 -> sent.add(device.at(Tai64n.encode(1_800_000_000L + random.nextInt(900), 0)));
        case 2 -> own.device.act(own.device.peer::initiate);
        case 3 -> own.server.act(own.server.peer::initiate);
        default -> own.clock.advance(Duration.ofMillis(random.nextInt(8000)));
      }
      if (!sent.isEmpty()) {
        own.server.receive(sent.get(random.nextInt(sent.size())), source);
      }
      byte[] now = own.server.peer.handshakes.greatestTimestamp();
      assertThat(Arrays.compareUnsigned(now, greatest)).isNotNegative();
      greatest = now;
    }
    assertThat(own.server.drops).contains(DropReason.STALE_INITIATION);
  }
}
