package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Handshakes in both roles, seen from outside. */
class HandshakeTest {

  private static final Duration ROUND_TRIP = Duration.ofMillis(20);

  @Test
  void aPacketOfTheDeviceOpensASessionAndArrives() {
    Pair pair = new Pair(1).peers(null);
    pair.device.send(Pair.toServer(7));
    pair.clock.advance(ROUND_TRIP.multipliedBy(2));
    assertThat(pair.server.packets).containsExactly(Pair.toServer(7));
    assertThat(pair.device.handshakes).isEqualTo(1);
    assertThat(pair.server.handshakes).isEqualTo(1);
    assertThat(pair.server.endpoints).containsExactly(Pair.DEVICE);
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).containsExactly(1, 2, 4);
  }

  @Test
  void ourPacketOpensASessionAndArrives() {
    Pair pair = new Pair(2).peers(Pair.DEVICE);
    pair.server.send(Pair.toDevice(7));
    pair.clock.advance(ROUND_TRIP.multipliedBy(2));
    assertThat(pair.device.packets).containsExactly(Pair.toDevice(7));
    pair.device.send(Pair.toServer(8));
    pair.clock.advance(ROUND_TRIP);
    assertThat(pair.server.packets).containsExactly(Pair.toServer(8));
  }

  @Test
  void theInitiatorConfirmsAtOnceWithAKeepalive() {
    Pair pair = new Pair(3).peers(null);
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(ROUND_TRIP);
    List<Datagram> sent = pair.wire.takeSent();
    assertThat(sent).extracting(Datagram::type).containsExactly(1, 2, 4);
    assertThat(sent.get(2).bytes()).hasSize(Message.TRANSPORT_MIN_BYTES);
  }

  @Test
  void aResponderSendsNothingBeforeTheConfirmation() {
    Pair pair = new Pair(4).peers(null);
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(Duration.ofMillis(10));
    pair.server.send(Pair.toDevice(1));
    pair.server.send(Pair.toDevice(2));
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).containsExactly(1, 2);
    pair.clock.advance(ROUND_TRIP.multipliedBy(2));
    assertThat(pair.device.packets).containsExactly(Pair.toDevice(1), Pair.toDevice(2));
  }

  @Test
  void withTheSamePresharedKeyAndWithoutOne() {
    PresharedKey psk = PresharedKey.generate(new SeededSecureRandom(5));
    for (PresharedKey both : new PresharedKey[] {psk, null}) {
      Pair pair = new Pair(5);
      pair.serverPsk = both;
      pair.devicePsk = both;
      pair.peers(null).connect();
      assertThat(pair.server.handshakes).isEqualTo(1);
    }
  }

  @Test
  void differentPresharedKeysGiveNoSession() {
    Pair pair = new Pair(6);
    pair.serverPsk = PresharedKey.generate(new SeededSecureRandom(6));
    pair.peers(null).connect();
    assertThat(pair.device.handshakes).isZero();
    assertThat(pair.device.drops).containsExactly(DropReason.INVALID_RESPONSE);
  }

  /** Each answers the other and forgets its own attempt; the jitter of the retries decides. */
  @Test
  void simultaneousOpenConvergesAsARuleAfterOneRetry() {
    int pairs = 40;
    int afterOneRetry = 0;
    for (int seed = 0; seed < pairs; seed++) {
      Pair pair = new Pair(seed).peers(Pair.DEVICE);
      pair.server.send(Pair.toDevice(1));
      pair.device.send(Pair.toServer(2));
      pair.clock.advance(Duration.ofMillis(5500));
      afterOneRetry += pair.device.packets.size() == 1 && pair.server.packets.size() == 1 ? 1 : 0;
      pair.clock.advance(Duration.ofSeconds(12));
      assertThat(pair.device.packets).as("seed %d", seed).containsExactly(Pair.toDevice(1));
      assertThat(pair.server.packets).as("seed %d", seed).containsExactly(Pair.toServer(2));
    }
    assertThat(afterOneRetry).isBetween(pairs * 3 / 4, pairs);
  }

  @Test
  void anUnknownKeyIsReportedAndGetsNoAnswer() {
    Pair pair = new Pair(7);
    pair.device.peer(
        PeerConfig.of("server", pair.server.key.publicKey(), List.of()).withEndpoint(Pair.SERVER));
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(ROUND_TRIP);
    assertThat(pair.server.unknownKeys).containsExactly(pair.device.key.publicKey());
    assertThat(pair.server.drops).containsExactly(DropReason.UNKNOWN_KEY);
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).containsExactly(1);
  }

  @Test
  void withoutAnEndpointAPacketIsDroppedWithAReason() {
    Pair pair = new Pair(8).peers(null);
    pair.server.send(Pair.toDevice(1));
    assertThat(pair.server.drops).containsExactly(DropReason.NO_ENDPOINT);
    assertThat(pair.wire.takeSent()).isEmpty();
    assertThat(pair.server.peer.nextDeadlineNanos()).isEqualTo(Constants.NEVER);
  }

  @Test
  void aRemovedPeerLeavesNoIndexAndTakesNoPacket() {
    Pair pair = Pair.inSession(9);
    assertThat(pair.server.core.indices.size()).isEqualTo(1);
    pair.server.core.removePeer(pair.server.peer);
    assertThat(pair.server.core.indices.size()).isZero();
    assertThat(pair.server.core.route(Pair.toDevice(1), 24)).isNull();
    pair.server.send(Pair.toDevice(1));
    pair.device.send(Pair.toServer(1));
    pair.clock.advance(Duration.ofMillis(10));
    assertThat(pair.server.drops)
        .containsExactly(DropReason.PEER_REMOVED, DropReason.UNKNOWN_INDEX);
  }

  @Test
  void aKeyIsOnePeersAndNeverOurs() {
    Pair pair = new Pair(9).peers(null);
    PrivateKey own = pair.server.key;
    Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> pair.server.addPeer(PeerConfig.of("self", own.publicKey(), List.of())))
        .withMessageContaining("self");
    Assertions.assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                pair.server.addPeer(PeerConfig.of("twin", pair.device.key.publicKey(), List.of())))
        .withMessageContaining("twin")
        .withMessageContaining("device");
  }
}
