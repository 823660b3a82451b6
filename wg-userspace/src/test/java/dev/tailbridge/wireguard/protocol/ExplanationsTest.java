package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a person is told about handshakes that go wrong. */
class ExplanationsTest {

  private static final long HOUR = 3600 * Constants.SECOND;

  private final Pair pair = Pair.inSession(1);
  private final SimulatedEndpoint server = pair.server;
  private final Initiations device = new Initiations(pair.device.key, server.key.publicKey());

  private byte[] at(long nanosFromNow) {
    long unix = pair.clock.unixNanos() + nanosFromNow;
    return device.at(
        Tai64n.encode(
            Math.floorDiv(unix, Constants.SECOND), (int) Math.floorMod(unix, Constants.SECOND)));
  }

  @Test
  void aStaleInitiationSaysHowFarItsClockIsBehind() {
    pair.clock.advance(Duration.ofSeconds(1));
    server.receive(device.stale(), Pair.ELSEWHERE);
    long behind = pair.clock.unixNanos() - 12 * Constants.SECOND;
    assertThat(server.clocksBehind).containsExactly(behind);
    byte[] recent = at(-7);
    server.receive(at(5 * Constants.SECOND), Pair.DEVICE);
    server.receive(recent, Pair.ELSEWHERE);
    server.receive(at(3 * Constants.SECOND), Pair.ELSEWHERE);
    assertThat(server.clocksBehind).containsExactly(behind, 7L, -3 * Constants.SECOND);
    assertThat(server.clocksAhead).isEmpty();
  }

  @Test
  void aDatagramThatTheNetworkRepeatedSaysNothing() {
    pair.clock.advance(Duration.ofSeconds(1));
    byte[] initiation = at(0);
    server.receive(initiation, Pair.DEVICE);
    server.receive(initiation, Pair.DEVICE);
    pair.clock.advance(Duration.ofSeconds(1));
    server.receive(initiation, Pair.DEVICE);
    assertThat(server.drops).hasSize(2);
    assertThat(server.clocksBehind).isEmpty();
  }

  @Test
  void moreThanAnHourAheadIsTold() {
    pair.clock.advance(Duration.ofSeconds(1));
    server.receive(at(HOUR), Pair.DEVICE);
    assertThat(server.clocksAhead).isEmpty();
    pair.clock.advance(Duration.ofSeconds(1));
    server.receive(at(HOUR + 1), Pair.DEVICE);
    assertThat(server.clocksAhead).containsExactly(HOUR + 1);
  }

  @Test
  void timestampsThatAreNoTimesAreNotTakenForOverflowedOnes() {
    byte[] greatest = new byte[Tai64n.BYTES];
    Arrays.fill(greatest, (byte) 0xff);
    pair.clock.advance(Duration.ofSeconds(1));
    server.receive(device.at(new byte[Tai64n.BYTES]), Pair.DEVICE);
    server.receive(device.at(greatest), Pair.DEVICE);
    assertThat(server.clocksBehind).containsExactly(Long.MAX_VALUE);
    assertThat(server.clocksAhead).containsExactly(Long.MAX_VALUE - pair.clock.unixNanos());
  }

  @Test
  void aWrongMac1IsToldWithItsSource() {
    byte[] junk = at(0);
    junk[120] ^= 1;
    server.receive(junk, Pair.ELSEWHERE);
    assertThat(server.wrongMacs).containsExactly(Pair.ELSEWHERE);
  }

  @Test
  void differentPresharedKeysAreToldToBothAtEveryFourthAttempt() {
    byte[] key = new byte[32];
    key[0] = 1;
    Pair strangers = new Pair(3);
    strangers.serverPsk = PresharedKey.of(key);
    strangers.peers(null);
    strangers.device.act(strangers.device.peer::initiate);
    strangers.clock.advance(Duration.ofSeconds(14));
    assertThat(strangers.server.unconfirmed).isZero();
    strangers.clock.advance(Duration.ofSeconds(3));
    assertThat(strangers.server.unconfirmed).isEqualTo(1);
    assertThat(strangers.device.unconfirmed).isEqualTo(1);
    strangers.clock.advance(Duration.ofSeconds(12));
    assertThat(strangers.server.unconfirmed).isEqualTo(1);
    strangers.clock.advance(Duration.ofSeconds(5));
    assertThat(strangers.server.unconfirmed).isEqualTo(2);
  }

  @Test
  void aFinishedHandshakeStartsTheCountAgain() {
    for (int i = 0; i < 2; i++) {
      pair.clock.advance(Duration.ofSeconds(1));
      server.receive(at(0), Pair.DEVICE);
    }
    pair.clock.advance(Duration.ofSeconds(5));
    pair.connect();
    for (int i = 0; i < 3; i++) {
      pair.clock.advance(Duration.ofSeconds(1));
      server.receive(at(0), Pair.DEVICE);
    }
    assertThat(server.unconfirmed).isZero();
    pair.clock.advance(Duration.ofSeconds(1));
    server.receive(at(0), Pair.DEVICE);
    assertThat(server.unconfirmed).isEqualTo(1);
  }
}
