package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Under load: who may cause a handshake's mathematics, in either role. */
class CookieExchangeTest {

  private static final byte[] FRESH = Tai64n.encode(2_000_000_000L, 0);

  private final Pair pair = new Pair(1).peers(Pair.DEVICE);
  private final SimulatedEndpoint server = pair.server;

  private final Initiations device = new Initiations(pair.device.key, server.key.publicKey());

  /** What the server sends for this datagram, which is one at most. */
  private List<Datagram> answers(byte[] datagram, InetSocketAddress source) {
    pair.wire.takeSent();
    server.receive(datagram, source);
    return pair.wire.takeSent();
  }

  private byte[] proven(byte[] message, InetSocketAddress source) {
    List<Datagram> sent = answers(message, source);
    assertThat(sent).extracting(Datagram::type).containsExactly(Message.COOKIE_REPLY);
    assertThat(sent.get(0).to()).isEqualTo(source);
    return device.prove(message, sent.get(0).bytes());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withBothUnderLoadAHandshakeTakesSevenMessages(boolean serverInitiates) {
    SimulatedEndpoint initiator = serverInitiates ? server : pair.device;
    SimulatedEndpoint responder = serverInitiates ? pair.device : server;
    Load.on(server);
    Load.on(pair.device);
    initiator.act(initiator.peer::initiate);
    pair.clock.advance(Duration.ofSeconds(12));
    List<Datagram> sent = pair.wire.takeSent();
    assertThat(sent.subList(0, 7)).extracting(Datagram::type).containsExactly(1, 3, 1, 2, 3, 1, 2);
    assertThat(sent.subList(0, 7))
        .extracting(Datagram::from)
        .containsExactly(
            initiator.address,
            responder.address,
            initiator.address,
            responder.address,
            initiator.address,
            initiator.address,
            responder.address);
    assertThat(sent.subList(7, sent.size())).extracting(Datagram::type).containsOnly(4);
    for (SimulatedEndpoint each : List.of(initiator, responder)) {
      assertThat(each.handshakes).isEqualTo(1);
      assertThat(each.drops).containsExactly(DropReason.UNDER_LOAD);
      assertThat(each.cookieModes).containsExactly(true);
      assertThat(each.endpoints).isEmpty();
    }
  }

  @Test
  void theProofIsForOneSourceOnly() {
    Load.on(server);
    byte[] message = proven(device.at(FRESH), Pair.DEVICE);
    assertThat(answers(message, Pair.ELSEWHERE))
        .extracting(Datagram::type)
        .containsExactly(Message.COOKIE_REPLY);
    assertThat(answers(message, Pair.DEVICE))
        .extracting(Datagram::type)
        .containsExactly(Message.RESPONSE);
  }

  @ParameterizedTest
  @EnumSource(
      value = StaleInitiations.class,
      names = {"REVERSE", "TENTATIVE"})
  void staleInitiationsMustProveTheirSourceToo(StaleInitiations choice) {
    server.core.removePeer(server.peer);
    server.peer(server.peer.config().withStaleInitiations(choice));
    server.receive(device.at(FRESH), Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(1));
    server.drops.clear();
    Load.on(server);
    byte[] message = proven(device.stale(), Pair.ELSEWHERE);
    assertThat(server.reverses).isEmpty();
    assertThat(server.suppressions).isEmpty();
    assertThat(server.drops).containsExactly(DropReason.UNDER_LOAD);
    assertThat(answers(message, Pair.ELSEWHERE)).hasSize(1);
    assertThat(server.reverses).containsExactly(Pair.ELSEWHERE);
  }

  @Test
  void noCookieForWhoDoesNotKnowOurKey() {
    Load.on(server);
    byte[] junk = device.at(FRESH);
    junk[140 - 20] ^= 1;
    assertThat(answers(junk, Pair.ELSEWHERE)).isEmpty();
    assertThat(server.drops).containsExactly(DropReason.BAD_MAC1);
  }

  @Test
  void aSourceThatProvedItselfHas20InASecond() {
    Load.on(server);
    byte[] first = device.stale();
    byte[] reply = answers(first, Pair.ELSEWHERE).get(0).bytes();
    byte[] message = device.prove(first, reply);
    server.drops.clear();
    for (int i = 0; i < 100; i++) {
      server.receive(message, Pair.ELSEWHERE);
      pair.clock.advance(Duration.ofMillis(10));
    }
    assertThat(server.drops.stream().filter(DropReason.RATE_LIMITED::equals).count())
        .isBetween(75L, 77L);
    // Others are not concerned, and without load nobody is.
    assertThat(answers(proven(device.at(FRESH), Pair.DEVICE), Pair.DEVICE)).hasSize(1);
  }

  @Test
  void withoutLoadThereIsNoLimit() {
    for (int i = 0; i < 100; i++) {
      server.receive(device.stale(), Pair.ELSEWHERE);
    }
    assertThat(server.drops).doesNotContain(DropReason.RATE_LIMITED, DropReason.UNDER_LOAD);
  }

  @Test
  void theEndIsToldWithTheNextDatagramOrTimer() {
    Load load = Load.on(server);
    assertThat(server.cookieModes).isEmpty();
    answers(device.at(FRESH), Pair.DEVICE);
    assertThat(server.cookieModes).containsExactly(true);
    load.off();
    pair.clock.advance(Duration.ofMillis(999));
    server.receive(new byte[1], Pair.ELSEWHERE);
    assertThat(server.cookieModes).containsExactly(true);
    pair.clock.advance(Duration.ofMillis(1));
    server.receive(new byte[1], Pair.ELSEWHERE);
    assertThat(server.cookieModes).containsExactly(true, false);

    load.wait(512);
    answers(device.at(FRESH), Pair.DEVICE);
    load.off();
    server.act(server.peer::initiate);
    pair.wire.detach(Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(6));
    assertThat(server.cookieModes).containsExactly(true, false, true, false);
  }
}
