package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a datagram, the answer is silence: one assertion for all of them. */
class RejectionTest {

  private static final InetSocketAddress FORGER = Pair.ELSEWHERE;

  /** Takes the datagram from elsewhere and expects one drop, and nothing else at all. */
  static void assertSilence(SimulatedEndpoint endpoint, byte[] datagram, DropReason... allowed) {
    endpoint.wire.takeSent();
    endpoint.drops.clear();
    int handshakes = endpoint.handshakes;
    int packets = endpoint.packets.size();
    int indices = endpoint.core.indices.size();
    long deadline = endpoint.peer.nextDeadlineNanos();
    InetSocketAddress before = endpoint.peer.endpoint();
    Keypair current = endpoint.keypairs().current();
    Keypair next = endpoint.keypairs().next();

    endpoint.receive(datagram, FORGER);

    assertThat(endpoint.drops).hasSize(1);
    assertThat(allowed).contains(endpoint.drops.get(0));
    assertThat(endpoint.wire.takeSent()).isEmpty();
    assertThat(endpoint.handshakes).isEqualTo(handshakes);
    assertThat(endpoint.packets).hasSize(packets);
    assertThat(endpoint.core.indices.size()).isEqualTo(indices);
    assertThat(endpoint.peer.nextDeadlineNanos()).isEqualTo(deadline);
    assertThat(endpoint.peer.endpoint()).isEqualTo(before);
    assertThat(endpoint.keypairs().current()).isSameAs(current);
    assertThat(endpoint.keypairs().next()).isSameAs(next);
  }

  @Test
  void everyTypeInEveryLength() {
    Pair pair = Pair.inSession(1);
    for (int type : new int[] {0, 1, 2, 3, 4, 5, 255, 0x0101, 0x01000004}) {
      for (int length = 0; length <= 200; length++) {
        byte[] datagram = new byte[Math.max(4, length)];
        Message.writeInt(datagram, 0, type);
        boolean plausible =
            (type == 1 && length == 148)
                || (type == 2 && length == 92)
                || (type == 3 && length == 64)
                || (type == 4 && length >= 32);
        assertSilence(
            pair.server,
            Arrays.copyOf(datagram, length),
            plausible
                ? new DropReason[] {DropReason.BAD_MAC1, DropReason.UNKNOWN_INDEX}
                : new DropReason[] {DropReason.MALFORMED_DATAGRAM});
      }
    }
  }

  @Property(tries = 300)
  void junk(@ForAll @Size(max = 300) byte[] junk) {
    Pair pair = Pair.inSession(2);
    assertSilence(pair.server, junk, DropReason.values());
  }

  /** One captured message of each kind, with the end that would take it. */
  static Stream<String> kinds() {
    return Stream.of("initiation", "response", "transport", "cookie");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyBitFlipped(String kind) {
    Captured captured = captured(kind);
    for (int bit = 0; bit < captured.datagram.length * 8; bit++) {
      byte[] forged = captured.datagram.clone();
      forged[bit / 8] ^= (byte) (1 << (bit % 8));
      // Not authenticated, by design of the protocol: mac2 of somebody who is not under load.
      boolean mac2 =
          bit / 8 >= captured.datagram.length - 16
              && (kind.equals("initiation") || kind.equals("response"));
      if (!mac2) {
        assertSilence(
            captured.receiver,
            forged,
            DropReason.MALFORMED_DATAGRAM,
            DropReason.BAD_MAC1,
            DropReason.UNKNOWN_INDEX,
            DropReason.BAD_TAG,
            DropReason.COUNTER_LIMIT,
            DropReason.INVALID_COOKIE);
      }
    }
    // The genuine one is still good: no forgery has used anything up.
    captured.receiver.drops.clear();
    captured.receiver.receive(captured.datagram, Pair.DEVICE);
    assertThat(captured.receiver.drops)
        .isEqualTo(kind.equals("cookie") ? List.of(DropReason.INVALID_COOKIE) : List.of());
  }

  private static final class Captured {
    final SimulatedEndpoint receiver;
    final byte[] datagram;

    Captured(SimulatedEndpoint receiver, byte[] datagram) {
      this.receiver = receiver;
      this.datagram = datagram;
    }
  }

  private static Captured captured(String kind) {
    Pair pair = new Pair(3).peers(null);
    if (kind.equals("transport")) {
      pair.connect();
      pair.device.send(Pair.toServer(1));
      return new Captured(pair.server, pair.wire.takeSent().get(0).bytes());
    }
    pair.device.act(pair.device.peer::initiate);
    byte[] initiation = pair.wire.takeSent().get(0).bytes();
    if (kind.equals("initiation")) {
      return new Captured(pair.server, initiation);
    }
    if (kind.equals("cookie")) {
      byte[] cookie = new byte[Message.COOKIE_REPLY_BYTES];
      new Random(1).nextBytes(cookie);
      Message.writeInt(cookie, 0, Message.COOKIE_REPLY);
      Message.writeInt(cookie, Message.RECEIVER, Message.readInt(initiation, Message.SENDER));
      return new Captured(pair.device, cookie);
    }
    pair.server.receive(initiation, Pair.DEVICE);
    return new Captured(pair.device, pair.wire.takeSent().get(0).bytes());
  }

  @Test
  void aReplayedTransportMovesNothing() {
    Pair pair = Pair.inSession(4);
    pair.device.send(Pair.toServer(1));
    byte[] datagram = pair.wire.takeSent().get(0).bytes();
    pair.clock.advance(Duration.ofMillis(20));
    assertThat(pair.server.packets).hasSize(1);
    assertSilence(pair.server, datagram, DropReason.REPLAY);
  }

  @Test
  void aReplayedInitiationIsStale() {
    Pair pair = new Pair(5).peers(null);
    pair.device.act(pair.device.peer::initiate);
    byte[] initiation = pair.wire.takeSent().get(0).bytes();
    pair.clock.advance(Duration.ofSeconds(1));
    assertSilence(pair.server, initiation, DropReason.STALE_INITIATION);
  }

  @Test
  void aReplayedResponseHasNoInitiation() {
    Pair pair = new Pair(6).peers(null);
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(Duration.ofMillis(10));
    List<Datagram> fromServer = Pair.from(Pair.SERVER, pair.wire.takeSent());
    byte[] response = fromServer.get(0).bytes();
    pair.clock.advance(Duration.ofSeconds(1));
    assertSilence(pair.device, response, DropReason.UNKNOWN_INDEX);
  }

  @Test
  void aThirdInitiationWithin20MillisecondsIsIgnored() {
    Pair pair = new Pair(7).peers(null);
    Identity device = new Identity(CryptoProviders.bouncyCastle(), pair.device.key.bytes());
    byte[] shared = new byte[32];
    byte[] serverPublic = pair.server.key.publicKey().bytes();
    dev.tailbridge.wireguard.crypto.X25519.agree(device.privateKey, serverPublic, shared);
    List<byte[]> initiations =
        IntStream.range(1, 4)
            .mapToObj(
                i -> {
                  byte[] ephemeral = new byte[32];
                  ephemeral[0] = (byte) (8 * i);
                  ephemeral[31] = 64;
                  byte[] timestamp = new byte[12];
                  timestamp[11] = (byte) i;
                  var initiation =
                      OutgoingInitiation.create(
                          device, serverPublic, shared, ephemeral, timestamp, i);
                  new Macs(serverPublic).sign(initiation.message, 0);
                  return initiation.message;
                })
            .toList();
    pair.server.receive(initiations.get(0), Pair.DEVICE);
    assertThat(pair.wire.takeSent()).hasSize(1);
    pair.clock.advance(Duration.ofMillis(19));
    assertSilence(pair.server, initiations.get(1), DropReason.INITIATION_FLOOD);
    pair.clock.advance(Duration.ofMillis(1));
    pair.server.receive(initiations.get(2), Pair.DEVICE);
    assertThat(pair.wire.takeSent()).hasSize(1);
  }

  @Test
  void anOldKeyNeitherReceivesNorSends() {
    Pair pair = Pair.inSession(8);
    pair.device.send(Pair.toServer(1));
    byte[] datagram = pair.wire.takeSent().get(0).bytes();
    pair.wire.detach(Pair.SERVER);
    pair.clock.advance(Duration.ofMinutes(3));
    assertSilence(pair.server, datagram, DropReason.EXPIRED_KEY);
    pair.server.send(Pair.toDevice(1));
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).containsExactly(1);
  }
}
