package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.DropReason;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Both ends ours, over a wire that loses, duplicates and reorders, through several rekeys. */
class BadWireTest {

  /** What a bad wire may bring about; anything else would be a fault of ours. */
  private static final Set<DropReason> EXPECTED =
      Set.of(
          DropReason.REPLAY,
          DropReason.STALE_INITIATION,
          DropReason.INITIATION_FLOOD,
          DropReason.UNKNOWN_INDEX,
          DropReason.EXPIRED_KEY,
          DropReason.STAGED_OVERFLOW,
          DropReason.NO_ENDPOINT);

  @Property(tries = 25)
  void packetsArriveAtMostOnceAndSessionsGoOn(
      @ForAll int seed,
      @ForAll @IntRange(max = 30) int lossPercent,
      @ForAll @IntRange(max = 30) int duplicationPercent,
      @ForAll @IntRange(max = 400) int variationMillis) {
    Pair pair = new Pair(seed).peers(null);
    pair.wire
        .loss(lossPercent / 100.0)
        .duplication(duplicationPercent / 100.0)
        .delay(Duration.ofMillis(5), Duration.ofMillis(variationMillis));
    int sent = 0;
    for (int tick = 0; tick < 10 * 60 * 4; tick++) {
      pair.device.send(Pair.toServer(sent));
      pair.server.send(Pair.toDevice(sent));
      sent++;
      pair.clock.advance(Duration.ofMillis(250));
      pair.wire.takeSent();
    }
    pair.wire.loss(0);
    pair.clock.advance(Duration.ofSeconds(30));
    for (SimulatedEndpoint end : List.of(pair.device, pair.server)) {
      List<Integer> numbers = end.packets.stream().map(Pair::number).toList();
      assertThat(numbers).doesNotHaveDuplicates();
      // Losses of data, and of some handshakes; the session itself never stays away.
      assertThat(numbers.size()).isGreaterThan(sent * (100 - lossPercent) / 100 * 9 / 10);
      assertThat(end.handshakes).isBetween(5, 30);
      assertThat(EXPECTED).containsAll(end.drops);
      // One handshake and three sessions at the most.
      assertThat(end.core.indices.size()).isBetween(1, 4);
    }
    pair.device.packets.clear();
    pair.server.send(Pair.toDevice(sent));
    pair.clock.advance(Duration.ofSeconds(1));
    assertThat(pair.device.packets).hasSize(1);
  }
}
