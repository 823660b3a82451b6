package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.ReverseSuppression;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How often one peer is probed. */
class ReverseBackoffTest {

  private static final Duration TICK = Duration.ofNanos(1);

  private final Pair pair = Pair.inSession(1);
  private final SimulatedEndpoint server = pair.server;
  private final Initiations device = new Initiations(pair.device.key, pair.server.key.publicKey());

  private boolean reverses(InetSocketAddress source) {
    int before = server.reverses.size();
    server.receive(device.stale(), source);
    return server.reverses.size() > before;
  }

  /** The peer falls silent: its session counts as dead from now on. */
  private void silence() {
    pair.wire.detach(Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(16));
  }

  /** Answers the probe that is on its way, from the device's address. */
  private void answer() {
    List<Datagram> sent = Pair.from(Pair.SERVER, pair.wire.takeSent());
    pair.clock.advance(Duration.ofMillis(20));
    pair.device.receive(sent.get(sent.size() - 1).bytes(), Pair.SERVER);
    pair.clock.advance(Duration.ofMillis(10));
  }

  /** Nothing before the interval is over, a probe when it is; then it is unanswered. */
  private void assertInterval(Duration interval, InetSocketAddress source) {
    pair.clock.advance(interval.minus(TICK));
    server.suppressions.clear();
    assertThat(reverses(source)).as("just before %s", interval).isFalse();
    if (interval.toSeconds() > 5) {
      assertThat(server.suppressions).containsExactly(ReverseSuppression.PEER_INTERVAL);
    }
    pair.clock.advance(TICK);
    assertThat(reverses(source)).as("after %s", interval).isTrue();
  }

  @Test
  void unansweredProbesDoubleTheIntervalTo120Seconds() {
    silence();
    assertThat(reverses(Pair.DEVICE)).isTrue();
    for (int seconds : new int[] {10, 20, 40, 80, 120, 120}) {
      assertInterval(Duration.ofSeconds(seconds), Pair.DEVICE);
    }
    assertThat(server.reversesUnanswered).isEqualTo(6);
  }

  @Test
  void aProbeAnsweredAfterSilenceMakesItFiveSecondsAgain() {
    silence();
    assertThat(reverses(Pair.DEVICE)).isTrue();
    assertInterval(Duration.ofSeconds(10), Pair.DEVICE);
    answer();
    assertThat(server.reverseAnswers).hasSize(1);
    pair.clock.advance(Duration.ofSeconds(5));
    assertThat(reverses(Pair.DEVICE)).isTrue();
  }

  @Test
  void aConfirmedFreshHandshakeMakesItFiveSecondsAgain() {
    silence();
    assertThat(reverses(Pair.DEVICE)).isTrue();
    assertInterval(Duration.ofSeconds(10), Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(6));
    pair.device.move(Pair.DEVICE);
    pair.device.act(pair.device.peer::initiate);
    pair.clock.advance(Duration.ofMillis(100));
    assertThat(server.handshakes).isEqualTo(2);
    assertThat(reverses(Pair.DEVICE)).isTrue();
  }

  @Test
  void anUnconfirmedFreshHandshakeDoesNot() {
    silence();
    assertThat(reverses(Pair.DEVICE)).isTrue();
    assertInterval(Duration.ofSeconds(10), Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(6));
    server.receive(device.at(Tai64n.encode(2_000_000_000L, 0)), Pair.DEVICE);
    pair.clock.advance(Duration.ofMillis(100));
    server.suppressions.clear();
    assertThat(reverses(Pair.DEVICE)).isFalse();
    assertThat(server.suppressions).containsExactly(ReverseSuppression.PEER_INTERVAL);
  }

  @Test
  void aProbeSentWhileAliveDoublesItOnceAnsweredOrNot() {
    assertThat(reverses(Pair.DEVICE)).isTrue();
    answer();
    assertThat(server.reverseAnswers).hasSize(1);
    pair.clock.advance(Duration.ofSeconds(9));
    assertThat(reverses(Pair.DEVICE)).isFalse();
    pair.clock.advance(Duration.ofSeconds(1));
    pair.wire.detach(Pair.DEVICE);
    assertThat(reverses(Pair.DEVICE)).isTrue();
    assertInterval(Duration.ofSeconds(20), Pair.DEVICE);
  }

  @Test
  void aLiveSessionIsProbedElsewhereOnlyEvery30Seconds() {
    assertThat(reverses(Pair.ELSEWHERE)).isTrue();
    for (int second = 10; second <= 20; second += 10) {
      pair.clock.advance(Duration.ofSeconds(10));
      keepAlive();
      server.suppressions.clear();
      assertThat(reverses(Pair.ELSEWHERE)).isFalse();
      assertThat(server.suppressions).containsExactly(ReverseSuppression.PEER_ALIVE);
    }
    pair.clock.advance(Duration.ofSeconds(10));
    keepAlive();
    assertThat(reverses(Pair.ELSEWHERE)).isTrue();
  }

  @Test
  void anotherPortOfTheEndpointsHostIsNotElsewhere() {
    assertThat(reverses(Pair.ELSEWHERE)).isTrue();
    pair.clock.advance(Duration.ofSeconds(10));
    keepAlive();
    assertThat(reverses(new InetSocketAddress(Pair.DEVICE.getAddress(), 9))).isTrue();
  }

  @Test
  void onceSilentFor15SecondsItMayBeAnywhere() {
    keepAlive();
    assertThat(reverses(Pair.ELSEWHERE)).isTrue();
    pair.clock.advance(Duration.ofSeconds(15).minus(Duration.ofMillis(1)));
    assertThat(reverses(Pair.ELSEWHERE)).isFalse();
    pair.clock.advance(Duration.ofMillis(2));
    assertThat(reverses(Pair.ELSEWHERE)).isTrue();
  }

  /** An authenticated packet reaches the server now. */
  private void keepAlive() {
    pair.wire.takeSent();
    pair.device.act(pair.device.peer::sendKeepalive);
    byte[] keepalive = pair.wire.takeSent().get(0).bytes();
    server.drops.clear();
    server.receive(keepalive, Pair.DEVICE);
    assertThat(server.drops).isEmpty();
  }

  @Test
  void allPeersOfACoreShareTheLimitsOfASourceAndOfAll() {
    int peers = 12;
    List<Initiations> others = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      SimulatedEndpoint other =
          new SimulatedEndpoint(
              pair.clock,
              pair.wire,
              new InetSocketAddress(Pair.DEVICE.getAddress(), i + 1),
              500 + i);
      Initiations initiations = new Initiations(other.key, server.key.publicKey());
      server.addPeer(PeerConfig.of("p" + i, other.key.publicKey(), List.of()));
      server.receive(initiations.at(Tai64n.encode(1_000_000_000L, 0)), other.address);
      others.add(initiations);
    }
    pair.clock.advance(Duration.ofSeconds(1));
    server.drops.clear();
    others.forEach(initiations -> server.receive(initiations.stale(), Pair.ELSEWHERE));
    assertThat(server.drops).hasSize(peers).containsOnly(DropReason.STALE_INITIATION);
    assertThat(server.reverses).hasSize(5);
    assertThat(server.suppressions).hasSize(7).containsOnly(ReverseSuppression.SOURCE_RATE);
    // At the address of 13 peers all may call at once; the refused ones lost no token of theirs.
    server.reverses.clear();
    others
        .subList(5, peers)
        .forEach(initiations -> server.receive(initiations.stale(), Pair.DEVICE));
    assertThat(server.reverses).hasSize(7);
  }
}
