package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** We restart, the device does not notice: it goes on sending on a session that is gone. */
class RestartTest {

  private static final Duration ONE_WAY = Duration.ofMillis(10);
  private static final long SPREAD = 30 * Constants.SECOND;

  private final Pair pair = Pair.inSession(1);

  /** The server anew, which knows this endpoint and makes its first call when told. */
  private SimulatedEndpoint restart(InetSocketAddress known, long spread) {
    SimulatedEndpoint server =
        new SimulatedEndpoint(pair.clock, pair.wire, Pair.SERVER, pair.server.key, 50, 0);
    server.peer =
        server.addPeer(
            PeerConfig.of(
                    "device", pair.device.key.publicKey(), List.of(IpPrefix.parse("10.6.0.2")))
                .withEndpoint(known));
    server.act(now -> server.peer.startWithin(spread, now));
    return server;
  }

  private List<Datagram> deviceSends(int number) {
    pair.wire.takeSent();
    pair.device.send(Pair.toServer(number));
    pair.clock.advance(ONE_WAY);
    return Pair.from(Pair.SERVER, pair.wire.takeSent());
  }

  @Test
  void firstCallsAreSpread() {
    pair.wire.detach(Pair.DEVICE);
    List<Long> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      SimulatedEndpoint server =
          new SimulatedEndpoint(pair.clock, pair.wire, Pair.SERVER, pair.server.key, i, 0);
      PeerConfig config = PeerConfig.of("device", pair.device.key.publicKey(), List.of());
      server.peer = server.addPeer(config.withEndpoint(Pair.DEVICE));
      server.peer.startWithin(2 * Constants.SECOND, 0);
      calls.add(server.peer.nextDeadlineNanos());
    }
    assertThat(calls).allMatch(call -> call >= 0 && call < 2 * Constants.SECOND);
    for (int tenth = 0; tenth < 10; tenth++) {
      long from = tenth * Constants.SECOND / 5;
      assertThat(calls.stream().filter(call -> call >= from && call < from + Constants.SECOND / 5))
          .hasSizeBetween(5, 40);
    }
  }

  @Test
  void aPacketOfTheOldSessionFromTheKnownEndpointIsAnsweredByACall() {
    SimulatedEndpoint server = restart(Pair.DEVICE, SPREAD);
    assertThat(deviceSends(1)).extracting(Datagram::type).containsExactly(Message.INITIATION);
    assertThat(server.drops).containsExactly(DropReason.UNKNOWN_INDEX);
    pair.clock.advance(ONE_WAY.multipliedBy(3));
    assertThat(server.handshakes).isEqualTo(1);
    deviceSends(2);
    assertThat(server.packets).containsExactly(Pair.toServer(2));
    // The first call is needless now.
    pair.wire.takeSent();
    pair.clock.advance(Duration.ofNanos(SPREAD));
    assertThat(Pair.from(Pair.SERVER, pair.wire.takeSent()))
        .extracting(Datagram::type)
        .doesNotContain(Message.INITIATION);
  }

  @Test
  void theCallLeavesFromTheSocketWhereThePacketCameIn() {
    SimulatedEndpoint server = restart(Pair.DEVICE, SPREAD);
    pair.wire.detach(Pair.SERVER);
    pair.device.send(Pair.toServer(1));
    byte[] packet = Pair.from(Pair.DEVICE, pair.wire.takeSent()).get(0).bytes();
    byte[] buffer = Arrays.copyOf(packet, WireGuardCore.MAX_DATAGRAM_BYTES);
    server.act(now -> server.core.receive(buffer, packet.length, Pair.DEVICE, 7, now));
    assertThat(server.lastSocket).isEqualTo(7);
  }

  @Test
  void onceInFiveSeconds() {
    SimulatedEndpoint server = restart(Pair.DEVICE, 200 * Constants.SECOND);
    pair.wire.detach(Pair.DEVICE);
    int calls = 0;
    for (int i = 0; i < 120; i++) {
      calls += deviceSends(i).size();
      pair.clock.advance(Duration.ofMillis(90));
    }
    assertThat(calls).isEqualTo(3);
    assertThat(server.peer.endpoint()).isEqualTo(Pair.DEVICE);
  }

  @Test
  void nothingComesOfItFromAnyOtherAddress() {
    SimulatedEndpoint server = restart(Pair.DEVICE, SPREAD);
    pair.device.move(Pair.ELSEWHERE);
    assertThat(deviceSends(1)).isEmpty();
    assertThat(server.drops).containsExactly(DropReason.UNKNOWN_INDEX);
    assertThat(restart(null, SPREAD).peer.nextDeadlineNanos()).isEqualTo(Constants.NEVER);
    assertThat(deviceSends(2)).isEmpty();
  }

  @Test
  void norOnceThePeerWasHeard() {
    SimulatedEndpoint server = restart(Pair.DEVICE, 0);
    pair.clock.advance(ONE_WAY.multipliedBy(4));
    assertThat(server.handshakes).isEqualTo(1);
    pair.clock.advance(Duration.ofSeconds(6));
    byte[] unknown = new byte[Message.TRANSPORT_MIN_BYTES];
    Message.writeInt(unknown, 0, Message.TRANSPORT);
    pair.wire.takeSent();
    server.receive(unknown, Pair.DEVICE);
    assertThat(pair.wire.takeSent()).isEmpty();
    assertThat(server.shared.unheardAt(Pair.DEVICE)).isNull();
  }

  @Test
  void norOfAPeerThatWasRemoved() {
    SimulatedEndpoint server = restart(Pair.DEVICE, SPREAD);
    server.core.removePeer(server.peer);
    assertThat(deviceSends(1)).isEmpty();
  }
}
