package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/**
 * Handshake mathematics that comes back late, or in another order: its result counts only when the
 * peer is still where it was (H9). The wire delivers nothing by itself here.
 */
class DeferredMathematicsTest {

  private static final Duration RETRY = Duration.ofMillis(5400);

  private final Pair pair = new Pair(1).peers(Pair.DEVICE);
  private final SimulatedEndpoint server = pair.server;
  private final SimulatedEndpoint device = pair.device;
  private final Initiations initiations = new Initiations(device.key, server.key.publicKey());
  private final List<LongConsumer> waiting = new ArrayList<>();

  DeferredMathematicsTest() {
    pair.wire.detach(Pair.SERVER);
    pair.wire.detach(Pair.DEVICE);
  }

  /** From here on this end's mathematics waits for {@link #compute}. */
  private void defer(SimulatedEndpoint end) {
    end.mathematics = waiting::add;
  }

  /** Does the work that has waited in this place of the queue. */
  private void compute(SimulatedEndpoint end, int place) {
    end.act(waiting.remove(place));
  }

  private List<byte[]> sent(InetSocketAddress sender) {
    return Pair.from(sender, pair.wire.takeSent()).stream().map(Datagram::bytes).toList();
  }

  private byte[] onlySent(InetSocketAddress sender) {
    List<byte[]> sent = sent(sender);
    assertThat(sent).hasSize(1);
    return sent.get(0);
  }

  private byte[] initiation(SimulatedEndpoint end) {
    end.act(end.peer::initiate);
    return onlySent(end.address);
  }

  private static byte[] timestamp(int second) {
    return Tai64n.encode(2_000_000_000L + second, 0);
  }

  @Test
  void aResponseToAnInitiationThatARetryReplacedMeanwhileIsForNothing() {
    server.receive(initiation(device), Pair.DEVICE);
    byte[] response = onlySent(Pair.SERVER);
    defer(device);
    device.receive(response, Pair.SERVER);
    pair.clock.advance(RETRY);
    assertThat(waiting).hasSize(2);
    compute(device, 0);
    assertThat(device.drops).containsExactly(DropReason.UNKNOWN_INDEX);
    assertThat(device.handshakes).isZero();
    assertThat(device.keypairs().current()).isNull();
    assertThat(sent(Pair.DEVICE)).isEmpty();
    compute(device, 0);
    // So long a wait was a sign of load; it passes.
    pair.clock.advance(Duration.ofMillis(1001));
    // The retry is the one that is answered.
    server.receive(onlySent(Pair.DEVICE), Pair.DEVICE);
    device.receive(onlySent(Pair.SERVER), Pair.SERVER);
    compute(device, 0);
    assertThat(device.handshakes).isEqualTo(1);
    assertThat(device.core.indices.size()).isEqualTo(1);
  }

  @Test
  void aResponseIsForNothingWhenTheOtherSidesInitiationWasAcceptedMeanwhile() {
    server.receive(initiation(device), Pair.DEVICE);
    byte[] response = onlySent(Pair.SERVER);
    device.mathematics = waiting::add;
    device.receive(response, Pair.SERVER);
    pair.clock.advance(Duration.ofSeconds(4));
    device.mathematics = device::act;
    Initiations serverCalls = new Initiations(server.key, device.key.publicKey());
    device.receive(serverCalls.at(timestamp(1)), Pair.SERVER);
    assertThat(onlySent(Pair.DEVICE)).hasSize(Message.RESPONSE_BYTES);
    compute(device, 0);
    assertThat(device.drops).containsExactly(DropReason.UNKNOWN_INDEX);
    assertThat(device.keypairs().current()).isNull();
    assertThat(device.keypairs().next()).isNotNull();
    assertThat(device.core.indices.size()).isEqualTo(1);
  }

  @Test
  void theSameResponseTwiceMakesOneSession() {
    server.receive(initiation(device), Pair.DEVICE);
    byte[] response = onlySent(Pair.SERVER);
    defer(device);
    device.receive(response, Pair.SERVER);
    device.receive(response, Pair.ELSEWHERE);
    compute(device, 0);
    final Keypair current = device.keypairs().current();
    compute(device, 0);
    assertThat(device.handshakes).isEqualTo(1);
    assertThat(device.drops).containsExactly(DropReason.UNKNOWN_INDEX);
    assertThat(device.keypairs().current()).isSameAs(current);
    assertThat(device.keypairs().previous()).isNull();
    assertThat(device.peer.endpoint()).isEqualTo(Pair.SERVER);
    assertThat(onlySent(Pair.DEVICE)).hasSize(Message.TRANSPORT_MIN_BYTES);
  }

  @Test
  void aForgedResponseThatIsComputedFirstSpoilsNothing() {
    server.receive(initiation(device), Pair.DEVICE);
    byte[] response = onlySent(Pair.SERVER);
    byte[] forged = response.clone();
    forged[Message.RESPONSE_EMPTY] ^= 1;
    new Macs(device.key.publicKey().bytes()).sign(forged, 0);
    defer(device);
    device.receive(response, Pair.SERVER);
    device.receive(forged, Pair.ELSEWHERE);
    compute(device, 1);
    assertThat(device.drops).containsExactly(DropReason.INVALID_RESPONSE);
    compute(device, 0);
    assertThat(device.handshakes).isEqualTo(1);
  }

  @Test
  void ofTwoInitiationsTheGreaterTimestampStaysWhicheverIsOpenedFirst() {
    defer(server);
    server.receive(initiations.at(timestamp(1)), Pair.DEVICE);
    server.receive(initiations.at(timestamp(2)), Pair.DEVICE);
    compute(server, 1);
    pair.clock.advance(Duration.ofMillis(30));
    compute(server, 0);
    assertThat(server.drops).containsExactly(DropReason.STALE_INITIATION);
    assertThat(server.peer.handshakes.greatestTimestamp()).isEqualTo(timestamp(2));
  }

  @Test
  void onlyTheNewestInitiationIsAnsweredWhenItOvertakesOnesThatWait() {
    defer(server);
    server.receive(initiations.at(timestamp(1)), Pair.DEVICE);
    compute(server, 0);
    pair.clock.advance(Duration.ofMillis(30));
    server.receive(initiations.at(timestamp(2)), Pair.ELSEWHERE);
    compute(server, 1);
    assertThat(waiting).as("two responses to compute").hasSize(2);
    compute(server, 1);
    byte[] response = onlySent(Pair.SERVER);
    final Keypair next = server.keypairs().next();
    compute(server, 0);
    assertThat(sent(Pair.SERVER)).isEmpty();
    assertThat(server.keypairs().next()).isSameAs(next);
    assertThat(Message.readInt(response, Message.SENDER)).isEqualTo(next.localIndex);
    assertThat(server.core.indices.size()).isEqualTo(1);
  }

  @Test
  void ourInitiationIsNotSentWhenTheirsIsAcceptedWhileItIsMade() {
    defer(server);
    server.act(server.peer::initiate);
    server.receive(initiations.at(timestamp(1)), Pair.DEVICE);
    compute(server, 1); // opens theirs
    compute(server, 0); // ours is made
    assertThat(sent(Pair.SERVER)).isEmpty();
    compute(server, 0); // the response
    assertThat(onlySent(Pair.SERVER)).hasSize(Message.RESPONSE_BYTES);
    assertThat(server.core.indices.size()).isEqualTo(1);
  }

  @Test
  void keysThatAreForgottenStayForgotten() {
    server.receive(initiation(device), Pair.DEVICE);
    byte[] response = onlySent(Pair.SERVER);
    device.receive(response, Pair.SERVER);
    sent(Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(539));
    defer(device);
    device.act(device.peer::initiate);
    pair.clock.advance(Duration.ofSeconds(2));
    assertThat(device.keypairs().current()).as("zeroed").isNull();
    compute(device, 0);
    assertThat(sent(Pair.DEVICE)).isEmpty();
    assertThat(device.core.indices.size()).isZero();
  }

  /** Whatever is under way when a peer is removed ends without a trace. */
  @Test
  void aRemovedPeerSendsAndKeepsNothing() {
    final byte[] toServer = initiation(device);
    server.receive(toServer, Pair.DEVICE);
    final byte[] response = onlySent(Pair.SERVER);
    pair.clock.advance(Duration.ofMillis(30));
    defer(device);
    device.receive(response, Pair.SERVER);
    device.receive(
        new Initiations(server.key, device.key.publicKey()).at(timestamp(1)), Pair.SERVER);
    defer(server);
    server.receive(initiations.at(timestamp(1)), Pair.DEVICE);
    server.act(waiting.remove(2)); // opened; the response waits
    server.receive(initiations.stale(), Pair.DEVICE); // to be opened
    device.core.removePeer(device.peer);
    server.core.removePeer(server.peer);
    pair.wire.takeSent();
    server.drops.clear();
    device.drops.clear();
    for (SimulatedEndpoint end : List.of(device, device, server, server)) {
      compute(end, 0);
    }
    assertThat(waiting).isEmpty();
    for (SimulatedEndpoint end : List.of(device, server)) {
      assertThat(end.core.indices.size()).isZero();
      assertThat(end.handshakes).isZero();
      assertThat(end.peer.nextDeadlineNanos()).isEqualTo(Constants.NEVER);
    }
    assertThat(pair.wire.takeSent()).isEmpty();
  }

  @Test
  void aPeerThatIsRemovedWhileItsInitiationIsMadeSendsNone() {
    defer(device);
    device.act(device.peer::initiate);
    device.core.removePeer(device.peer);
    compute(device, 0);
    assertThat(pair.wire.takeSent()).isEmpty();
    assertThat(device.core.indices.size()).isZero();
  }

  @Test
  void aProbeThatWasMadeLateGivesItsPlaceToTheNextOne() {
    server.receive(initiations.at(timestamp(1)), Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(30));
    pair.wire.takeSent();
    final int before = server.core.indices.size();
    defer(server);
    server.receive(initiations.stale(), Pair.DEVICE);
    compute(server, 0);
    pair.clock.advance(Duration.ofSeconds(2));
    compute(server, 0); // the first probe leaves two seconds late
    assertThat(sent(Pair.SERVER)).hasSize(1);
    pair.clock.advance(Duration.ofSeconds(3));
    server.receive(initiations.stale(), Pair.ELSEWHERE);
    while (!waiting.isEmpty()) {
      compute(server, 0);
    }
    assertThat(server.reverses).containsExactly(Pair.DEVICE, Pair.ELSEWHERE);
    assertThat(server.core.indices.size()).as("one probe").isEqualTo(before + 1);
    pair.clock.advance(Duration.ofSeconds(10));
    assertThat(server.core.indices.size()).as("no probe").isEqualTo(before);
    assertThat(server.reversesUnanswered).isEqualTo(2);
  }

  @Test
  void aProbeThatIsMadeAfterTheNextOneWasDecidedIsNotSent() {
    server.receive(initiations.at(timestamp(1)), Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(30));
    pair.wire.takeSent();
    final int before = server.core.indices.size();
    defer(server);
    server.receive(initiations.stale(), Pair.DEVICE);
    compute(server, 0);
    pair.clock.advance(Duration.ofSeconds(6));
    server.receive(initiations.stale(), Pair.ELSEWHERE);
    compute(server, 1);
    assertThat(waiting).hasSize(2);
    compute(server, 1);
    compute(server, 0);
    assertThat(server.reverses).containsExactly(Pair.ELSEWHERE);
    assertThat(server.core.indices.size()).isEqualTo(before + 1);
  }
}
