package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.testing.SeededSecureRandom.Draw;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.protocol.ModelKeypairs.Session;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * One end of the model run: a real peer and its model, which are told the same and must then agree
 * in all that they sent, delivered, dropped and hold, and in when they want to be woken.
 */
final class ModelEnd {

  /** A datagram and what it means. */
  record Wired(Datagram datagram, ModelMessage message) {}

  final SimulatedEndpoint real;
  private final ModelPeer model;
  private final int source;
  private final int destination;
  private final Queue<Draw> draws;

  /** Our index of a handshake and of the session that comes of it. */
  private final Map<Integer, Integer> indices = new HashMap<>();

  private ModelEnd other;
  private int packets;

  ModelEnd(
      SimulatedEndpoint real,
      boolean server,
      Set<ModelRow> rows,
      IntSupplier numbers,
      Duration keepalive,
      boolean hasEndpoint) {
    this.real = real;
    this.source = server ? 1 : 2;
    this.destination = server ? 2 : 1;
    this.draws = ((SeededSecureRandom) real.shared.random).draws();
    this.model = new ModelPeer(rows, numbers, this::drawJitter, keepalive.toNanos(), hasEndpoint);
  }

  /** Makes the other end the peer of this one. */
  void peer(ModelEnd end, PublicKey key, InetSocketAddress endpoint, Duration keepalive) {
    other = end;
    String range = "10.6.0." + destination + "/32";
    real.peer(
        PeerConfig.of("peer", key, List.of(IpPrefix.parse(range)))
            .withEndpoint(endpoint)
            .withPersistentKeepalive(keepalive)
            .withStaleInitiations(StaleInitiations.DROP));
    model.start(real.clock.nowNanos());
  }

  /** The model arms a timer: the peer must have done so too, with a draw from 0 to 333 ms. */
  private long drawJitter() {
    Draw draw = draws.poll();
    assertThat(draw).as("the model drew jitter, the peer did not").isNotNull();
    assertThat(draw.bound()).isEqualTo(334);
    return draw.value() * 1_000_000L;
  }

  void send() {
    int packet = packets++;
    real.send(Pair.packet(source, destination, packet));
    model.send(packet, now());
  }

  void sendKeepalive() {
    real.act(real.peer::sendKeepalive);
    model.sendKeepalive(now());
  }

  void initiate() {
    real.act(real.peer::initiate);
    model.initiate(now());
  }

  /** Lets the current session have sent so many messages already, if it has not. */
  void skipTo(long counter) {
    Session current = model.keypairs.current;
    if (current != null && Long.compareUnsigned(current.sent, counter) < 0) {
      current.sent = counter;
      real.keypairs().current().sendCounter(counter);
    }
  }

  void receive(Wired wired) {
    real.receive(wired.datagram().bytes(), wired.datagram().from());
    model.receive(wired.message(), now());
  }

  long deadline() {
    return model.deadline();
  }

  /** The clock has already woken the real peer, if it wanted that. */
  void expire() {
    if (model.deadline() <= now()) {
      model.expire(now());
    }
  }

  private long now() {
    return real.clock.nowNanos();
  }

  /** Compares both after an event, and gives what this end sent in it. */
  List<Wired> check(List<Datagram> sent) {
    assertThat(sent).hasSameSizeAs(model.sent);
    List<Wired> wired = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      checkMessage(sent.get(i), model.sent.get(i));
      wired.add(new Wired(sent.get(i), model.sent.get(i)));
    }
    model.sent.clear();
    assertThat(real.packets.stream().map(Pair::number).toList()).isEqualTo(model.delivered);
    assertThat(real.drops).isEqualTo(model.drops);
    real.packets.clear();
    real.drops.clear();
    model.delivered.clear();
    model.drops.clear();
    assertThat(real.handshakes).isEqualTo(model.completed);
    assertThat(real.abandoned).isEqualTo(model.abandoned);
    checkSlot(real.keypairs().previous(), model.keypairs.previous);
    checkSlot(real.keypairs().current(), model.keypairs.current);
    checkSlot(real.keypairs().next(), model.keypairs.next);
    assertThat(real.core.indices.size())
        .as("indices in use")
        .isEqualTo(model.keypairs.all().size() + (model.outgoing == 0 ? 0 : 1));
    assertThat(draws).as("jitter that the peer drew and the model did not").isEmpty();
    assertThat(real.peer.nextDeadlineNanos()).as("next deadline").isEqualTo(model.deadline());
    return wired;
  }

  private void checkMessage(Datagram datagram, ModelMessage expected) {
    byte[] bytes = datagram.bytes();
    if (expected instanceof ModelMessage.Initiation initiation) {
      assertThat(datagram.type()).isEqualTo(1);
      learn(initiation.number(), Message.readInt(bytes, Message.SENDER));
    } else if (expected instanceof ModelMessage.Response response) {
      assertThat(datagram.type()).isEqualTo(2);
      learn(response.number(), Message.readInt(bytes, Message.SENDER));
      assertThat(Message.readInt(bytes, Message.RESPONSE_RECEIVER))
          .isEqualTo(other.indices.get(response.number()));
    } else if (expected instanceof ModelMessage.Transport transport) {
      assertThat(datagram.type()).isEqualTo(4);
      assertThat(Message.readInt(bytes, Message.RECEIVER))
          .isEqualTo(other.indices.get(transport.session()));
      assertThat(Message.readLong(bytes, Message.TRANSPORT_COUNTER)).isEqualTo(transport.counter());
      boolean empty = transport.packet() == ModelMessage.KEEPALIVE;
      assertThat(bytes).hasSize(empty ? 32 : 64);
    }
  }

  private void learn(int number, int index) {
    assertThat(index).isNotZero();
    // One that is not in use any more may come again: 24 of its bits are random.
    for (Session session : model.keypairs.all()) {
      if (session.number != number) {
        assertThat(index).isNotEqualTo(indices.get(session.number));
      }
    }
    assertThat(indices.put(number, index)).isNull();
  }

  private void checkSlot(Keypair keypair, Session session) {
    if (session == null) {
      assertThat(keypair).isNull();
    } else {
      assertThat(keypair).isNotNull();
      assertThat(keypair.localIndex).isEqualTo(indices.get(session.number));
      assertThat(keypair.initiator).isEqualTo(session.initiator);
    }
  }
}
