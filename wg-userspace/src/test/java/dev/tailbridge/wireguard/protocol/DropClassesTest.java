package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** Every kind of bad datagram falls in exactly one class. */
class DropClassesTest {

  /** Of packets on their way out, or known to the endpoint around the core alone. */
  private static final Set<DropReason> ELSEWHERE =
      EnumSet.of(
          DropReason.LOOP_QUEUE_FULL,
          DropReason.NO_RECEIVER,
          DropReason.NO_ROUTE,
          DropReason.NO_ENDPOINT,
          DropReason.NO_SOCKET,
          DropReason.PACKET_TOO_BIG,
          DropReason.STAGED_OVERFLOW,
          DropReason.HANDSHAKE_ABANDONED,
          DropReason.SEND_QUEUE_FULL,
          DropReason.SEND_FAILED);

  private final Pair pair = Pair.inSession(1);
  private final SimulatedEndpoint server = pair.server;
  private final Initiations device = new Initiations(pair.device.key, server.key.publicKey());
  private final Map<DropReason, Integer> seen = new EnumMap<>(DropReason.class);
  private int datagrams;

  /** Mathematics that waits until it is run. */
  private static final class Held implements HandshakeWorkers {
    final Queue<LongConsumer> waiting = new ArrayDeque<>();

    @Override
    public void execute(LongConsumer mathematics) {
      waiting.add(mathematics);
    }

    @Override
    public void executeFirst(LongConsumer mathematics) {
      waiting.add(mathematics);
    }

    void run(long now) {
      waiting.remove().accept(now);
    }
  }

  private void expect(DropReason reason, byte[] datagram, InetSocketAddress source) {
    int before = server.drops.size();
    server.receive(datagram, source);
    assertThat(server.drops).hasSize(before + 1);
    count(reason);
  }

  private void expect(DropReason reason, byte[] datagram) {
    expect(reason, datagram, Pair.DEVICE);
  }

  private void count(DropReason reason) {
    assertThat(server.drops.get(server.drops.size() - 1)).isEqualTo(reason);
    seen.merge(reason, 1, Integer::sum);
    datagrams++;
  }

  private static byte[] fresh(int second) {
    return Tai64n.encode(2_000_000_000L + second, 0);
  }

  private byte[] sent(byte[] packet) {
    pair.wire.takeSent();
    pair.device.send(packet);
    return pair.wire.takeSent().get(0).bytes();
  }

  @Test
  void everyDatagramIsInOneClass() {
    pair.wire.detach(Pair.SERVER);
    pair.wire.detach(Pair.DEVICE);
    transport();
    initiations();
    responsesAndCookies();
    load();
    overtaken();
    assertThat(seen.keySet()).isEqualTo(EnumSet.complementOf(EnumSet.copyOf(ELSEWHERE)));
    assertThat(server.drops).hasSize(datagrams);
    seen.forEach(
        (reason, count) ->
            assertThat(server.drops.stream().filter(reason::equals).count())
                .isEqualTo((long) count));
  }

  private void transport() {
    expect(DropReason.MALFORMED_DATAGRAM, new byte[0]);
    expect(DropReason.MALFORMED_DATAGRAM, new byte[100]);
    byte[] genuine = sent(Pair.toServer(1));
    byte[] unknown = genuine.clone();
    unknown[Message.RECEIVER] ^= 1;
    expect(DropReason.UNKNOWN_INDEX, unknown);
    byte[] altered = genuine.clone();
    altered[20] ^= 1;
    expect(DropReason.BAD_TAG, altered);
    byte[] last = genuine.clone();
    Message.writeLong(last, Message.TRANSPORT_COUNTER, -1);
    expect(DropReason.COUNTER_LIMIT, last);
    server.receive(genuine, Pair.DEVICE);
    expect(DropReason.REPLAY, genuine);
    expect(DropReason.INNER_SOURCE_DENIED, sent(Pair.packet(3, 1, 0)));
    byte[] noPacket = Pair.toServer(2);
    noPacket[0] = 0x55;
    expect(DropReason.INNER_MALFORMED, sent(noPacket));
    byte[] late = sent(Pair.toServer(3));
    pair.clock.advance(Duration.ofMinutes(3));
    expect(DropReason.EXPIRED_KEY, late);
  }

  private void initiations() {
    byte[] initiation = device.at(fresh(0));
    byte[] junk = initiation.clone();
    junk[50] ^= 1;
    expect(DropReason.BAD_MAC1, junk);
    expect(DropReason.INVALID_INITIATION, device.signed(junk));
    byte[] noTimestamp = initiation.clone();
    noTimestamp[Message.INITIATION_TIMESTAMP] ^= 1;
    expect(DropReason.INVALID_INITIATION, device.signed(noTimestamp));
    PrivateKey stranger = PrivateKey.generate(new SeededSecureRandom(9));
    expect(DropReason.UNKNOWN_KEY, new Initiations(stranger, server.key.publicKey()).at(fresh(0)));
    server.receive(initiation, Pair.DEVICE);
    expect(DropReason.INITIATION_FLOOD, device.at(fresh(1)));
    expect(DropReason.STALE_INITIATION, initiation);
    pair.clock.advance(Duration.ofSeconds(6));
    expect(DropReason.STALE_INITIATION, device.stale());
  }

  private void responsesAndCookies() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.takeSent();
    server.act(server.peer::initiate);
    byte[] initiation = pair.wire.takeSent().get(0).bytes();
    byte[] noCookie = new byte[Message.COOKIE_REPLY_BYTES];
    Message.writeInt(noCookie, 0, Message.COOKIE_REPLY);
    expect(DropReason.UNKNOWN_INDEX, noCookie);
    Message.writeInt(noCookie, Message.RECEIVER, Message.readInt(initiation, Message.SENDER));
    expect(DropReason.INVALID_COOKIE, noCookie);
    byte[] noResponse = new byte[Message.RESPONSE_BYTES];
    Message.writeInt(noResponse, 0, Message.RESPONSE);
    expect(DropReason.BAD_MAC1, noResponse);
    expect(DropReason.UNKNOWN_INDEX, device.signed(noResponse));
    Message.writeInt(
        noResponse, Message.RESPONSE_RECEIVER, Message.readInt(initiation, Message.SENDER));
    noResponse[Message.RESPONSE_EPHEMERAL] = 9;
    expect(DropReason.INVALID_RESPONSE, device.signed(noResponse));
  }

  private void load() {
    Load load = Load.on(server);
    byte[] unproven = device.at(fresh(10));
    pair.wire.takeSent();
    expect(DropReason.UNDER_LOAD, unproven, Pair.ELSEWHERE);
    byte[] proven = device.prove(unproven, pair.wire.takeSent().get(0).bytes());
    load.wait(512);
    for (int i = 0; i < 5; i++) {
      expect(DropReason.HANDSHAKE_QUEUE_FULL, proven, Pair.ELSEWHERE);
    }
    expect(DropReason.RATE_LIMITED, proven, Pair.ELSEWHERE);
    load.off();
    pair.clock.advance(Duration.ofSeconds(2));
  }

  private void overtaken() {
    Held held = new Held();
    server.workers = held;
    server.receive(device.at(fresh(20)), Pair.DEVICE);
    held.run(pair.clock.nowNanos());
    pair.clock.advance(Duration.ofMillis(20));
    server.receive(device.at(fresh(21)), Pair.DEVICE);
    // The second is opened, which ends the first, whose response is computed only then.
    LongConsumer response = held.waiting.remove();
    held.run(pair.clock.nowNanos());
    response.accept(pair.clock.nowNanos());
    count(DropReason.SUPERSEDED);
    held.run(pair.clock.nowNanos());

    pair.clock.advance(Duration.ofMillis(20));
    server.receive(device.at(fresh(22)), Pair.DEVICE);
    held.run(pair.clock.nowNanos());
    server.core.removePeer(server.peer);
    held.run(pair.clock.nowNanos());
    count(DropReason.PEER_REMOVED);
    assertThat(held.waiting).isEmpty();
    assertThat(server.core.indices.size()).isZero();
  }
}
