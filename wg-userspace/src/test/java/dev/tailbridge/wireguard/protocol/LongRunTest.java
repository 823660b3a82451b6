package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PresharedKey;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Both ends ours for hours of virtual time, with a preshared key and rekeys by either side. */
class LongRunTest {

  /** What a bad wire may bring about; anything else would be a fault of ours. */
  private static final Set<DropReason> EXPECTED =
      Set.of(
          DropReason.REPLAY,
          DropReason.STALE_INITIATION,
          DropReason.INITIATION_FLOOD,
          DropReason.UNKNOWN_INDEX,
          DropReason.EXPIRED_KEY,
          DropReason.HANDSHAKE_ABANDONED,
          DropReason.STAGED_OVERFLOW,
          DropReason.NO_ENDPOINT);

  private static Pair pair(int seed) {
    Pair pair = new Pair(seed);
    pair.serverPsk = PresharedKey.generate(new SeededSecureRandom(seed));
    pair.devicePsk = pair.serverPsk;
    pair.serverKeepalive = Duration.ofSeconds(25);
    return pair.peers(Pair.DEVICE);
  }

  /** Traffic comes and goes; now and then the wire is cut, or one side wants new keys. */
  private static int hours(Pair pair, Random random, int hours) {
    int number = 0;
    long end = pair.clock.nowNanos() + Duration.ofHours(hours).toNanos();
    while (pair.clock.nowNanos() < end) {
      switch (random.nextInt(20)) {
        case 0 -> pair.clock.advance(Duration.ofSeconds(random.nextInt(300)));
        case 1 -> pair.device.act(pair.device.peer::initiate);
        case 2 -> pair.server.act(pair.server.peer::initiate);
        case 3 -> cut(pair, Duration.ofSeconds(random.nextInt(200)));
        default -> {
          for (int burst = random.nextInt(4); burst >= 0; burst--) {
            pair.device.send(Pair.toServer(number));
            pair.server.send(Pair.toDevice(number));
            number++;
          }
        }
      }
      pair.clock.advance(Duration.ofMillis(random.nextInt(20_000)));
      pair.wire.takeSent();
    }
    return number;
  }

  private static void cut(Pair pair, Duration time) {
    pair.wire.detach(Pair.SERVER);
    pair.clock.advance(time);
    pair.wire.attach(Pair.SERVER, pair.server::receive);
  }

  private static void assertRecovers(Pair pair) {
    pair.wire.loss(0);
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      end.packets.clear();
    }
    pair.device.send(Pair.toServer(-1));
    pair.server.send(Pair.toDevice(-1));
    pair.clock.advance(Duration.ofSeconds(25));
    pair.device.send(Pair.toServer(-2));
    pair.server.send(Pair.toDevice(-2));
    pair.clock.advance(Duration.ofSeconds(2));
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      assertThat(end.packets.stream().map(Pair::number)).contains(-2);
      assertThat(end.core.indices.size()).isBetween(1, 5);
    }
  }

  @Property(tries = 4)
  void nothingComesTwiceAndItAlwaysRecovers(
      @ForAll int seed,
      @ForAll @IntRange(max = 40) int lossPercent,
      @ForAll @IntRange(min = 5, max = 40) int duplicationPercent,
      @ForAll @IntRange(min = 50, max = 900) int variationMillis) {
    Pair pair = pair(seed);
    pair.wire
        .loss(lossPercent / 100.0)
        .duplication(duplicationPercent / 100.0)
        .delay(Duration.ofMillis(5), Duration.ofMillis(variationMillis));
    hours(pair, new Random(seed), 3);
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      assertThat(end.packets.stream().map(Pair::number).toList()).doesNotHaveDuplicates();
      assertThat(end.handshakes).isGreaterThan(40);
      assertThat(EXPECTED).containsAll(end.drops);
    }
    assertRecovers(pair);
  }

  /** Workers that take up to 300 ms each, in any order; so long a wait also counts as load. */
  @Property(tries = 3)
  void lateMathematicsDoesNoHarm(@ForAll int seed, @ForAll @IntRange(max = 30) int lossPercent) {
    Pair pair = pair(seed);
    Random random = new Random(seed);
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      end.mathematics =
          work -> pair.clock.after(Duration.ofMillis(random.nextInt(300)), () -> end.act(work));
    }
    pair.wire
        .loss(lossPercent / 100.0)
        .duplication(0.1)
        .delay(Duration.ofMillis(5), Duration.ofMillis(300));
    hours(pair, random, 2);
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      assertThat(end.packets.stream().map(Pair::number).toList()).doesNotHaveDuplicates();
      assertThat(end.handshakes).isGreaterThan(20);
      assertThat(end.drops)
          .filteredOn(reason -> !EXPECTED.contains(reason))
          .isSubsetOf(DropReason.UNDER_LOAD, DropReason.SUPERSEDED, DropReason.INVALID_COOKIE);
    }
    assertRecovers(pair);
  }

  @Property(tries = 3)
  void theOrderIsKeptWhereTheWireKeepsIt(
      @ForAll int seed, @ForAll @IntRange(max = 30) int lossPercent) {
    Pair pair = pair(seed);
    pair.wire.loss(lossPercent / 100.0).delay(Duration.ofMillis(30), Duration.ZERO);
    final int sent = hours(pair, new Random(seed), 2);
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      List<Integer> numbers = end.packets.stream().map(Pair::number).toList();
      assertThat(numbers).doesNotHaveDuplicates().isSorted();
      assertThat(numbers.size()).isGreaterThan(sent / 2);
    }
    assertRecovers(pair);
  }

  /**
   * Both open within one trip of the wire: both initiations are answered, both answers are for
   * nothing, and the jittered retry of one side comes first. It does not only when both retries
   * again fall within one trip.
   */
  @Property(tries = 60)
  void simultaneousOpensConvergeWithAJitteredRetry(
      @ForAll int seed,
      @ForAll @IntRange(min = 1, max = 60) int trip,
      @ForAll @IntRange(max = 99) int laterPercent) {
    Pair pair = new Pair(seed).peers(Pair.DEVICE);
    pair.wire.delay(Duration.ofMillis(trip), Duration.ZERO);
    final long start = pair.clock.nowNanos();
    pair.device.send(Pair.toServer(1));
    pair.clock.advance(Duration.ofMillis(trip).multipliedBy(laterPercent).dividedBy(100));
    pair.server.send(Pair.toDevice(1));
    int rounds = 0;
    while (pair.device.packets.isEmpty() || pair.server.packets.isEmpty()) {
      rounds++;
      pair.clock.advanceTo(start + rounds * 5_900_000_000L);
      assertThat(rounds).isLessThan(8);
    }
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      assertThat(end.packets.stream().map(Pair::number)).containsExactly(1);
      assertThat(end.drops).containsOnly(DropReason.UNKNOWN_INDEX);
      assertThat(end.handshakes).isGreaterThanOrEqualTo(1);
    }
    List<Datagram> opening =
        pair.wire.takeSent().stream().filter(datagram -> datagram.type() == 1).toList();
    List<Datagram> ofDevice = Pair.from(Pair.DEVICE, opening);
    List<Datagram> ofServer = Pair.from(Pair.SERVER, opening);
    boolean collided =
        ofDevice.size() > 1
            && ofServer.size() > 1
            && Math.abs(ofDevice.get(1).nanos() - ofServer.get(1).nanos()) <= trip * 1_000_000L;
    // One retry, of one side, is all that it takes.
    assertThat(rounds).isLessThanOrEqualTo(collided ? 7 : 1);
    assertThat(opening.size()).isLessThanOrEqualTo(collided ? 16 : 3);
  }
}
