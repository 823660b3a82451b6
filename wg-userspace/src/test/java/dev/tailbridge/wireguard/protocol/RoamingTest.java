package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where answers go, and what moves that. */
class RoamingTest {

  private final Pair pair = Pair.inSession(1);

  @Test
  void dataAndKeepalivesMoveTheEndpoint() throws Exception {
    InetSocketAddress ipv6 = new InetSocketAddress(InetAddress.getByName("2001:db8::2"), 7);
    for (InetSocketAddress address : List.of(Pair.ELSEWHERE, ipv6)) {
      pair.device.move(address);
      pair.device.act(pair.device.peer::sendKeepalive);
      pair.clock.advance(Duration.ofMillis(10));
      assertThat(pair.server.peer.endpoint()).isEqualTo(address);
      pair.server.send(Pair.toDevice(1));
      pair.clock.advance(Duration.ofMillis(10));
    }
    assertThat(pair.device.packets).hasSize(2);
    assertThat(pair.server.endpoints).containsExactly(Pair.DEVICE, Pair.ELSEWHERE, ipv6);
  }

  @Test
  void aResponseMovesTheEndpoint() {
    Pair other = new Pair(2).peers(Pair.DEVICE);
    other.server.act(other.server.peer::initiate);
    byte[] initiation = other.wire.takeSent().get(0).bytes();
    other.device.move(Pair.ELSEWHERE);
    other.device.receive(initiation, Pair.SERVER);
    other.clock.advance(Duration.ofMillis(10));
    assertThat(other.server.peer.endpoint()).isEqualTo(Pair.ELSEWHERE);
  }

  @Test
  void anInitiationIsAnsweredWhereItCameFromButMovesTheEndpointOnlyOnceConfirmed() {
    pair.clock.advance(Duration.ofSeconds(6));
    pair.wire.takeSent();
    pair.device.move(Pair.ELSEWHERE);
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(Duration.ofMillis(10));
    List<Datagram> answers = Pair.from(Pair.SERVER, pair.wire.takeSent());
    assertThat(answers).extracting(Datagram::to).containsExactly(Pair.ELSEWHERE);
    pair.server.send(Pair.toDevice(1));
    assertThat(pair.wire.takeSent()).extracting(Datagram::to).containsExactly(Pair.DEVICE);
    assertThat(pair.server.peer.endpoint()).isEqualTo(Pair.DEVICE);
    pair.clock.advance(Duration.ofMillis(20));
    assertThat(pair.server.peer.endpoint()).isEqualTo(Pair.ELSEWHERE);
  }

  @Test
  void aDeniedInnerSourceIsDroppedButCountsAsASignOfLife() {
    pair.server.send(Pair.toDevice(1));
    pair.clock.advance(Duration.ofSeconds(1));
    pair.device.move(Pair.ELSEWHERE);
    pair.device.send(Pair.packet(3, 1, 1));
    pair.clock.advance(Duration.ofMillis(10));
    assertThat(pair.server.packets).isEmpty();
    assertThat(pair.server.drops).containsExactly(DropReason.INNER_SOURCE_DENIED);
    assertThat(pair.server.peer.endpoint()).isEqualTo(Pair.ELSEWHERE);
    pair.wire.takeSent();
    // It cancelled the 15 s handshake, and it is data: a keepalive goes back after 10 s.
    pair.clock.advance(Duration.ofSeconds(60));
    List<Datagram> sent = Pair.from(Pair.SERVER, pair.wire.takeSent());
    assertThat(sent).extracting(Datagram::type).containsExactly(4);
  }
}
