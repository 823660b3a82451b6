package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What makes us send a reverse handshake, and what does not. */
class ReverseTriggerTest {

  private final Pair pair = Pair.inSession(1);
  private final SimulatedEndpoint server = pair.server;
  private final Initiations device = new Initiations(pair.device.key, pair.server.key.publicKey());

  private void assertReversed(byte[] initiation, DropReason reason, boolean expected) {
    server.drops.clear();
    server.reverses.clear();
    pair.wire.takeSent();
    server.receive(initiation, Pair.ELSEWHERE);
    assertThat(server.drops).containsExactly(reason);
    assertThat(server.reverses).hasSize(expected ? 1 : 0);
    assertThat(pair.wire.takeSent()).hasSize(expected ? 1 : 0);
    assertThat(server.suppressions).isEmpty();
  }

  @Test
  void aStaleButOtherwiseValidInitiation() {
    assertReversed(device.stale(), DropReason.STALE_INITIATION, true);
  }

  @Test
  void anEqualTimestampIsStale() {
    byte[] greatest = server.peer.handshakes.greatestTimestamp();
    assertReversed(device.at(greatest), DropReason.STALE_INITIATION, true);
  }

  @Test
  void notAFreshOne() {
    server.receive(device.at(Tai64n.encode(2_000_000_000L, 0)), Pair.ELSEWHERE);
    assertThat(server.drops).isEmpty();
    assertThat(server.reverses).isEmpty();
  }

  @Test
  void notWhenSwitchedOff() {
    PeerConfig config = server.peer.config();
    server.core.removePeer(server.peer);
    server.peer(config.withStaleInitiations(StaleInitiations.DROP));
    server.receive(device.at(Tai64n.encode(2_000_000_000L, 0)), Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(1));
    assertReversed(device.stale(), DropReason.STALE_INITIATION, false);
  }

  @Test
  void isOnUnlessSwitchedOffAndSurvivesEveryOtherChange() {
    PeerConfig config = PeerConfig.of("a", pair.device.key.publicKey(), List.of());
    assertThat(config.staleInitiations()).isEqualTo(StaleInitiations.REVERSE);
    PeerConfig off =
        config
            .withStaleInitiations(StaleInitiations.DROP)
            .withEndpoint(Pair.DEVICE)
            .withPresharedKey(null)
            .withPersistentKeepalive(Duration.ofSeconds(25));
    assertThat(off.staleInitiations()).isEqualTo(StaleInitiations.DROP);
  }

  @Test
  void notWithABadMac1OrTimestamp() {
    byte[] badMac = device.stale();
    badMac[Message.INITIATION_BYTES - 17] ^= 1;
    assertReversed(badMac, DropReason.BAD_MAC1, false);
    byte[] badTimestamp = device.stale();
    badTimestamp[Message.INITIATION_TIMESTAMP] ^= 1;
    new Macs(server.key.publicKey().bytes()).sign(badTimestamp, 0);
    assertReversed(badTimestamp, DropReason.INVALID_INITIATION, false);
  }

  @Test
  void notOfAnUnknownKey() {
    PrivateKey stranger = PrivateKey.generate(new SeededSecureRandom(9));
    assertReversed(
        new Initiations(stranger, server.key.publicKey()).stale(), DropReason.UNKNOWN_KEY, false);
  }

  @Test
  void notWithin20MillisecondsOfAnAcceptedOne() {
    server.receive(device.at(Tai64n.encode(2_000_000_000L, 0)), Pair.DEVICE);
    pair.clock.advance(Duration.ofNanos(19_999_999));
    assertReversed(device.stale(), DropReason.STALE_INITIATION, false);
    pair.clock.advance(Duration.ofNanos(1));
    assertReversed(device.stale(), DropReason.STALE_INITIATION, true);
  }

  @Test
  void notARepeatOfTheLastAcceptedOne() {
    byte[] accepted = device.at(Tai64n.encode(2_000_000_000L, 0));
    server.receive(accepted, Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(1));
    assertReversed(accepted, DropReason.STALE_INITIATION, false);
  }

  @Test
  void notARepeatOfTheLastReversedOneHoweverLate() {
    byte[] stale = device.stale();
    assertReversed(stale, DropReason.STALE_INITIATION, true);
    assertReversed(stale, DropReason.STALE_INITIATION, false);
    pair.clock.advance(Duration.ofMinutes(10));
    assertReversed(stale, DropReason.STALE_INITIATION, false);
    assertReversed(device.stale(), DropReason.STALE_INITIATION, true);
  }
}
