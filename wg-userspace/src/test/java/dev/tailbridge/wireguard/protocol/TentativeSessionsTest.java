package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.MILLISECOND;
import static dev.tailbridge.wireguard.protocol.Constants.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.ReverseSuppression;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.Tai64n;
import dev.tailbridge.wireguard.crypto.X25519;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of sessions that were answered for but not used yet. */
class TentativeSessionsTest {

  private static final InetAddress HERE = Pair.DEVICE.getAddress();
  private static final InetAddress ELSEWHERE = Pair.ELSEWHERE.getAddress();

  private final PrivateKey server = PrivateKey.generate(new SeededSecureRandom(1));
  private final PrivateKey device = PrivateKey.generate(new SeededSecureRandom(2));
  private final Identity identity = new Identity(CryptoProviders.bouncyCastle(), server.bytes());
  private final Initiations initiations = new Initiations(device, server.publicKey());
  private final byte[] staticStatic = new byte[X25519.KEY_BYTES];
  private final List<Integer> freed = new ArrayList<>();
  private final ReverseLimits limits = new ReverseLimits();
  private final TentativeSessions table = new TentativeSessions(limits, freed::add);
  private int nextIndex = 1;

  TentativeSessionsTest() {
    assertThat(X25519.agree(identity.privateKey, device.publicKey().bytes(), staticStatic))
        .isTrue();
  }

  private static byte[] uptime(long seconds) {
    return Tai64n.encode(seconds, 0);
  }

  private IncomingInitiation stale(long uptimeSeconds) {
    IncomingInitiation initiation =
        IncomingInitiation.open(identity, initiations.at(uptime(uptimeSeconds)));
    assertThat(initiation.openTimestamp(staticStatic)).isTrue();
    return initiation;
  }

  private ReverseSuppression take(IncomingInitiation stale, boolean alive, long now) {
    return table.take(stale, HERE, alive, true, now);
  }

  private Keypair answer(IncomingInitiation stale, boolean alive, long now) {
    byte[] response = new byte[Message.RESPONSE_BYTES];
    SessionKeys keys =
        stale.respond(
            null, X25519.generatePrivateKey(new SeededSecureRandom(3)), nextIndex++, response);
    Keypair keypair = new Keypair(keys, identity.crypto, now);
    table.answered(keypair, stale.timestamp, response, alive, now);
    return keypair;
  }

  /** As the peer does: all limits, then the answer. */
  private Keypair answered(long uptimeSeconds, long now) {
    IncomingInitiation stale = stale(uptimeSeconds);
    assertThat(take(stale, false, now)).isNull();
    return answer(stale, false, now);
  }

  @Test
  void keepsTwoSessionsTheOldestGoes() {
    Keypair first = answered(12, 0);
    final Keypair second = answered(17, 10 * SECOND);
    assertThat(table.find(1)).isSameAs(first);
    assertThat(table.find(2)).isSameAs(second);
    assertThat(freed).isEmpty();
    answered(22, 40 * SECOND);
    assertThat(freed).containsExactly(1);
    assertThat(table.find(1)).isNull();
    assertThat(table.find(2)).isSameAs(second);
    assertThat(table.find(4)).isNull();
    table.wipe();
    assertThat(freed).containsExactly(1, 2, 3);
    assertThat(table.find(2)).isNull();
  }

  @Test
  void theOneUsedIsHandedOverAndTheOthersDie() {
    Keypair first = answered(12, 0);
    answered(17, 10 * SECOND);
    assertThat(table.confirmed(first, 11 * SECOND)).isEqualTo(11 * SECOND);
    assertThat(freed).containsExactly(2);
    assertThat(table.find(1)).isNull();
    assertThat(table.deadline()).isEqualTo(Constants.NEVER);
    // It still works: only its place changed.
    assertThat(first.seal(new byte[0], 0, new byte[32])).isEqualTo(32);
  }

  @Test
  void refusesRepeatsOfTheLast64() {
    List<IncomingInitiation> all = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      IncomingInitiation stale = stale(12 + i);
      assertThat(table.isRepeat(stale)).isFalse();
      if (i % 2 == 0) {
        assertThat(take(stale, false, 200 * SECOND * i)).isNull();
      } else {
        table.accepted(stale);
      }
      all.add(stale);
    }
    assertThat(table.isRepeat(all.get(0))).isFalse();
    for (int i = 1; i < 65; i++) {
      assertThat(table.isRepeat(all.get(i))).isTrue();
    }
    assertThat(table.isRepeat(stale(12))).isFalse();
  }

  @Test
  void whatALimitRefusedIsNoRepeat() {
    IncomingInitiation stale = stale(12);
    assertThat(take(stale(11), false, 0)).isNull();
    assertThat(take(stale, false, 0)).isEqualTo(ReverseSuppression.PEER_INTERVAL);
    assertThat(table.isRepeat(stale)).isFalse();
    assertThat(take(stale, false, 5 * SECOND)).isNull();
  }

  @Test
  void theIntervalDoublesWhileAnswersAreInVain() {
    answered(12, 0);
    assertThat(table.deadline()).isEqualTo(5 * SECOND);
    assertThat(table.expire(5 * SECOND - 1)).isZero();
    assertThat(table.expire(5 * SECOND)).isEqualTo(1);
    assertThat(table.expire(6 * SECOND)).isZero();
    assertThat(take(stale(20), false, 10 * SECOND - 1)).isEqualTo(ReverseSuppression.PEER_INTERVAL);
    assertThat(take(stale(20), false, 10 * SECOND)).isNull();
  }

  @Test
  void aSessionGivenUpMayStillBeUsedUntilItIsTooOld() {
    Keypair first = answered(12, 0);
    table.expire(5 * SECOND);
    assertThat(table.deadline()).isEqualTo(180 * SECOND);
    table.expire(180 * SECOND - 1);
    assertThat(table.find(1)).isSameAs(first);
    assertThat(table.expire(180 * SECOND)).isZero();
    assertThat(table.find(1)).isNull();
    assertThat(freed).containsExactly(1);
    assertThat(table.deadline()).isEqualTo(Constants.NEVER);
  }

  @Test
  void aboveTheEpochFloorTheDeviceMayRekeyWheneverItLikes() {
    Keypair first = answered(100, 0);
    table.confirmed(first, SECOND);
    // Alive, twice within the interval, but later in the same life.
    assertThat(take(stale(101), true, 2 * SECOND)).isNull();
    assertThat(take(stale(100), true, 2 * SECOND)).isEqualTo(ReverseSuppression.PEER_INTERVAL);
    assertThat(take(stale(99), true, 2 * SECOND)).isEqualTo(ReverseSuppression.PEER_INTERVAL);
    // Per peer and source there are two tokens, and one more in five seconds.
    assertThat(take(stale(102), true, 2 * SECOND)).isEqualTo(ReverseSuppression.PEER_SOURCE_RATE);
    assertThat(table.take(stale(103), ELSEWHERE, true, false, 2 * SECOND)).isNull();
    assertThat(take(stale(104), true, 7 * SECOND)).isNull();
    // Rekeys do not lengthen the interval of rescues.
    table.expire(20 * SECOND);
    assertThat(take(stale(1), false, 20 * SECOND)).isNull();
  }

  @Test
  void aRekeyMovesTheFloor() {
    table.confirmed(answered(100, 0), 0);
    IncomingInitiation rekey = stale(220);
    assertThat(take(rekey, true, 120 * SECOND)).isNull();
    Keypair second = answer(rekey, true, 120 * SECOND);
    table.confirmed(second, 120 * SECOND);
    assertThat(take(stale(221), true, 121 * SECOND)).isNull();
    // A captured one of the same life is a rescue at most, and the peer is alive.
    assertThat(take(stale(150), true, 130 * SECOND)).isNull();
    assertThat(take(stale(151), true, 136 * SECOND)).isEqualTo(ReverseSuppression.PEER_INTERVAL);
  }

  @Test
  void refusalsOfTheSharedLimitsCostNothingOfThePeersOwn() {
    for (int i = 0; i < 5; i++) {
      assertThat(limits.take(HERE, 0)).isNull();
    }
    assertThat(take(stale(12), false, 0)).isEqualTo(ReverseSuppression.SOURCE_RATE);
    assertThat(take(stale(13), false, 0)).isEqualTo(ReverseSuppression.SOURCE_RATE);
    assertThat(take(stale(14), false, 0)).isEqualTo(ReverseSuppression.SOURCE_RATE);
    // Neither the interval nor the tokens of this source are used up.
    Keypair first = answered(15, 50 * MILLISECOND);
    table.confirmed(first, 50 * MILLISECOND);
    assertThat(take(stale(16), false, 100 * MILLISECOND)).isNull();
  }

  @Test
  void manySourcesForOnePeerAreBoundedButItsOwnAddressIsNot() throws Exception {
    table.peerMoved(null, Pair.DEVICE);
    table.confirmed(answered(100, 0), 0);
    for (int i = 0; i < 8; i++) {
      InetAddress source = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i});
      assertThat(table.take(stale(200 + i), source, true, false, SECOND)).isNull();
    }
    assertThat(table.take(stale(300), ELSEWHERE, true, false, SECOND))
        .isEqualTo(ReverseSuppression.PEER_SOURCE_RATE);
    assertThat(take(stale(301), true, SECOND)).isNull();
  }
}
