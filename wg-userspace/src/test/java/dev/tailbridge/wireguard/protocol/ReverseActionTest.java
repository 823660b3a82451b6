package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.Tai64n;
import dev.tailbridge.wireguard.crypto.XChaCha20Poly1305;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The probe from its sending to its end: what it does, and what it leaves alone. */
class ReverseActionTest {

  private static final Duration PROBE_LIFE = Duration.ofSeconds(5);
  private static final Duration ONE_WAY = Duration.ofMillis(10);
  private static final Duration TICK = Duration.ofNanos(1);
  private static final byte[] FRESH = Tai64n.encode(2_000_000_000L, 0);

  private final Pair pair = Pair.inSession(1);
  private final SimulatedEndpoint server = pair.server;
  private final Initiations device = new Initiations(pair.device.key, pair.server.key.publicKey());

  /** The probe that a stale initiation from here causes; it stays on the wire. */
  private byte[] probe(InetSocketAddress source) {
    pair.wire.takeSent();
    server.receive(device.stale(), source);
    List<Datagram> sent = pair.wire.takeSent();
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).to()).isEqualTo(source);
    assertThat(sent.get(0).type()).isEqualTo(Message.INITIATION);
    return sent.get(0).bytes();
  }

  /** The device's answer to a message; the wire delivers neither it nor anything else any more. */
  private byte[] answer(byte[] message) {
    pair.wire.detach(Pair.DEVICE);
    pair.wire.detach(Pair.SERVER);
    pair.device.receive(message, Pair.SERVER);
    List<Datagram> sent = Pair.from(Pair.DEVICE, pair.wire.takeSent());
    return sent.get(sent.size() - 1).bytes();
  }

  private int initiate() {
    pair.wire.takeSent();
    server.act(server.peer::initiate);
    return pair.wire.takeSent().size();
  }

  @Test
  void nothingElseChanges() {
    pair.wire.detach(Pair.DEVICE);
    server.send(Pair.toDevice(1));
    pair.clock.advance(Duration.ofSeconds(16));
    byte[] regular = pair.wire.takeSent().get(1).bytes();
    pair.clock.advance(Duration.ofSeconds(1));
    final byte[] greatest = server.peer.handshakes.greatestTimestamp();
    final Keypair current = server.keypairs().current();
    final long deadline = server.peer.nextDeadlineNanos();
    server.endpoints.clear();

    probe(Pair.ELSEWHERE);

    assertThat(server.drops).containsExactly(DropReason.STALE_INITIATION);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    assertThat(server.endpoints).isEmpty();
    assertThat(server.keypairs().current()).isSameAs(current);
    assertThat(server.keypairs().next()).isNull();
    assertThat(server.keypairs().previous()).isNull();
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(greatest);
    assertThat(server.peer.nextDeadlineNanos()).isEqualTo(deadline);
    // The regular attempt is still the one in the handshake slot.
    server.receive(answer(regular), Pair.DEVICE);
    assertThat(server.handshakes).isEqualTo(2);
    assertThat(server.reverseAnswers).isEmpty();
  }

  @Test
  void theProbeLeavesTheMinimumDistanceOfRegularInitiationsAlone() {
    pair.clock.advance(Duration.ofSeconds(6));
    probe(Pair.ELSEWHERE);
    assertThat(initiate()).isEqualTo(1);
  }

  @Test
  void aRegularInitiationToTheSameAddressWaitsOutTheFiveSeconds() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.detach(Pair.DEVICE);
    probe(Pair.DEVICE);
    assertThat(initiate()).isZero();
    pair.clock.advance(PROBE_LIFE.minus(TICK));
    assertThat(pair.wire.takeSent()).isEmpty();
    pair.clock.advance(Duration.ofMillis(334));
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).containsExactly(1);
  }

  @Test
  void isSkippedWhenARegularInitiationWentThereLately() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.detach(Pair.DEVICE);
    assertThat(initiate()).isEqualTo(1);
    server.receive(device.stale(), Pair.DEVICE);
    assertThat(server.reverses).isEmpty();
    assertThat(server.suppressions).isEmpty();
    probe(Pair.ELSEWHERE);
    assertThat(server.reverses).containsExactly(Pair.ELSEWHERE);
  }

  @Test
  void isNewFreshSignedAndSentOnceFromTheSocketOfTheStaleOne() {
    int indices = server.core.indices.size();
    byte[] buffer = Arrays.copyOf(device.stale(), WireGuardCore.MAX_DATAGRAM_BYTES);
    server.act(
        now -> server.core.receive(buffer, Message.INITIATION_BYTES, Pair.ELSEWHERE, 3, now));
    assertThat(server.lastSocket).isEqualTo(3);
    List<Datagram> sent = pair.wire.takeSent();
    assertThat(sent).hasSize(1);
    byte[] first = sent.get(0).bytes();
    assertThat(server.core.indices.size()).isEqualTo(indices + 1);
    pair.clock.advance(Duration.ofSeconds(15));
    assertThat(pair.wire.takeSent()).isEmpty();
    byte[] second = probe(Pair.ELSEWHERE);
    assertThat(ephemeral(second)).isNotEqualTo(ephemeral(first));
    assertThat(Message.readInt(second, Message.SENDER))
        .isNotEqualTo(Message.readInt(first, Message.SENDER));
    // The device accepts the later one after the earlier one: mac1 and timestamp are right.
    answer(first);
    pair.clock.advance(Duration.ofMillis(20));
    answer(second);
    assertThat(pair.device.drops).isEmpty();
  }

  private static byte[] ephemeral(byte[] message) {
    return Arrays.copyOfRange(
        message, Message.INITIATION_EPHEMERAL, Message.INITIATION_EPHEMERAL + 32);
  }

  @Test
  void aValidResponseCompletesAsInitiatorAtItsSource() {
    final byte[] greatest = server.peer.handshakes.greatestTimestamp();
    final Keypair before = server.keypairs().current();
    byte[] response = answer(probe(Pair.ELSEWHERE));
    pair.clock.advance(ONE_WAY);
    server.receive(response, Pair.ELSEWHERE);
    assertThat(server.handshakes).isEqualTo(2);
    assertThat(server.reverseAnswers).containsExactly(ONE_WAY.toNanos());
    assertThat(server.peer.endpoint()).isEqualTo(Pair.ELSEWHERE);
    assertThat(server.keypairs().current().initiator).isTrue();
    assertThat(server.keypairs().previous()).isSameAs(before);
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(greatest);
    List<Datagram> sent = Pair.from(Pair.SERVER, pair.wire.takeSent());
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).to()).isEqualTo(Pair.ELSEWHERE);
    assertThat(sent.get(0).bytes()).hasSize(Message.TRANSPORT_MIN_BYTES);
    pair.clock.advance(PROBE_LIFE);
    assertThat(server.reversesUnanswered).isZero();
    assertThat(server.core.indices.size()).isEqualTo(2);
    // The same response again is for nothing.
    server.drops.clear();
    server.receive(response, Pair.DEVICE);
    assertThat(server.drops).containsExactly(DropReason.UNKNOWN_INDEX);
  }

  @Test
  void stagedPacketsGoOutAtOnceAndARegularAttemptEnds() {
    pair.clock.advance(Duration.ofSeconds(200));
    pair.wire.detach(Pair.DEVICE);
    server.send(Pair.toDevice(1));
    server.send(Pair.toDevice(2));
    byte[] probe = probe(Pair.ELSEWHERE);
    pair.device.move(Pair.ELSEWHERE);
    pair.device.receive(probe, Pair.SERVER);
    pair.clock.advance(ONE_WAY.multipliedBy(2));
    assertThat(pair.device.packets).containsExactly(Pair.toDevice(1), Pair.toDevice(2));
    pair.device.send(Pair.toServer(3));
    pair.wire.takeSent();
    pair.clock.advance(Duration.ofSeconds(9));
    assertThat(Pair.from(Pair.SERVER, pair.wire.takeSent())).isEmpty();
    assertThat(server.packets).containsExactly(Pair.toServer(3));
  }

  @Test
  void aForgedResponseLeavesTheProbeAnswerable() {
    byte[] response = answer(probe(Pair.ELSEWHERE));
    byte[] forged = response.clone();
    forged[Message.RESPONSE_EMPTY] ^= 1;
    new Macs(server.key.publicKey().bytes()).sign(forged, 0);
    server.drops.clear();
    server.receive(forged, Pair.DEVICE);
    assertThat(server.drops).containsExactly(DropReason.INVALID_RESPONSE);
    server.receive(response, Pair.ELSEWHERE);
    assertThat(server.reverseAnswers).hasSize(1);
  }

  @Test
  void withoutAResponseItEndsAfterFiveSecondsAndIsForgotten() {
    int indices = server.core.indices.size();
    byte[] response = answer(probe(Pair.ELSEWHERE));
    pair.clock.advance(PROBE_LIFE.minus(TICK));
    assertThat(server.reversesUnanswered).isZero();
    pair.clock.advance(TICK);
    assertThat(server.reversesUnanswered).isEqualTo(1);
    assertThat(server.core.indices.size()).isEqualTo(indices);
    server.drops.clear();
    server.receive(response, Pair.ELSEWHERE);
    assertThat(server.drops).containsExactly(DropReason.UNKNOWN_INDEX);
    assertThat(server.handshakes).isEqualTo(1);
  }

  @Test
  void aLateResponseIsRefusedEvenWhenNobodyLookedAtTheTimers() {
    byte[] response = answer(probe(Pair.ELSEWHERE));
    // Straight into the core, as when datagrams are read before timers are served.
    long late = pair.clock.nowNanos() + PROBE_LIFE.toNanos();
    byte[] buffer = Arrays.copyOf(response, WireGuardCore.MAX_DATAGRAM_BYTES);
    server.drops.clear();
    server.core.receive(buffer, response.length, Pair.ELSEWHERE, 0, late);
    assertThat(server.drops).containsExactly(DropReason.UNKNOWN_INDEX);
    assertThat(server.reverseAnswers).isEmpty();
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
  }

  @Test
  void aResponseInTheLastNanosecondIsGood() {
    byte[] response = answer(probe(Pair.ELSEWHERE));
    pair.clock.advance(PROBE_LIFE.minus(TICK));
    server.receive(response, Pair.ELSEWHERE);
    assertThat(server.reverseAnswers).containsExactly(PROBE_LIFE.minus(TICK).toNanos());
  }

  @Test
  void aCookieReplyIsKeptForTheNextMessageAndNotAnswered() {
    byte[] cookie = new byte[16];
    Arrays.fill(cookie, (byte) 0x55);
    byte[] probe = probe(Pair.ELSEWHERE);
    server.drops.clear();
    server.receive(cookieReply(probe, cookie), Pair.ELSEWHERE);
    assertThat(server.drops).isEmpty();
    assertThat(pair.wire.takeSent()).isEmpty();
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    server.receive(cookieReply(probe, new byte[16]), Pair.ELSEWHERE);
    assertThat(server.drops).containsExactly(DropReason.INVALID_COOKIE);
    pair.clock.advance(Duration.ofSeconds(15));
    assertThat(server.reversesUnanswered).isEqualTo(1);
    byte[] next = probe(Pair.ELSEWHERE);
    int mac2 = next.length - 16;
    assertThat(Arrays.copyOfRange(next, mac2, next.length))
        .isEqualTo(Blake2s.mac(cookie, next, 0, mac2));
  }

  @Test
  void aCookieReplyToTheRegularInitiationIsStillUnderstood() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.takeSent();
    server.act(server.peer::initiate);
    byte[] regular = pair.wire.takeSent().get(0).bytes();
    probe(Pair.ELSEWHERE);
    server.drops.clear();
    server.receive(cookieReply(regular, new byte[16]), Pair.DEVICE);
    assertThat(server.drops).isEmpty();
  }

  private byte[] cookieReply(byte[] to, byte[] cookie) {
    byte[] reply = new byte[Message.COOKIE_REPLY_BYTES];
    Message.writeInt(reply, 0, Message.COOKIE_REPLY);
    Message.writeInt(reply, Message.RECEIVER, Message.readInt(to, Message.SENDER));
    XChaCha20Poly1305.seal(
        Macs.cookieKey(pair.device.key.publicKey().bytes()),
        reply,
        Message.COOKIE_NONCE,
        Arrays.copyOfRange(to, to.length - 32, to.length - 16),
        cookie,
        reply,
        Message.COOKIE_SEALED);
    return reply;
  }

  @Test
  void aFreshInitiationMeanwhileIsHandledNormallyAndTheProbeLivesOn() {
    byte[] response = answer(probe(Pair.ELSEWHERE));
    server.receive(device.at(FRESH), Pair.DEVICE);
    assertThat(pair.wire.takeSent()).extracting(Datagram::type).containsExactly(2);
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(FRESH);
    server.receive(response, Pair.ELSEWHERE);
    assertThat(server.reverseAnswers).hasSize(1);
    assertThat(server.keypairs().current().initiator).isTrue();
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(FRESH);
  }

  @Test
  void aRemovedPeerTakesItsProbeAlong() {
    probe(Pair.ELSEWHERE);
    server.core.removePeer(server.peer);
    assertThat(server.core.indices.size()).isZero();
    pair.clock.advance(Duration.ofSeconds(10));
    assertThat(server.reversesUnanswered).isZero();
    assertThat(server.peer.nextDeadlineNanos()).isEqualTo(Constants.NEVER);
  }
}
