package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.REJECT_AFTER_MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

/** RFC 6479 against a set that forgets nothing. */
class ReplayWindowTest {

  private static final int WINDOW = 8128;

  /** Steps relative to the greatest counter so far, most of them near an edge of the window. */
  @Provide
  Arbitrary<List<Long>> steps() {
    return Arbitraries.frequencyOf(
            Tuple.of(4, Arbitraries.longs().between(-70, 70)),
            Tuple.of(2, Arbitraries.longs().between(-WINDOW - 3, -WINDOW + 70)),
            Tuple.of(2, Arbitraries.longs().between(-9000, 0)),
            Tuple.of(1, Arbitraries.longs().between(8000, 8300)),
            Tuple.of(1, Arbitraries.longs().between(0, 1L << 40)))
        .list()
        .ofMaxSize(300);
  }

  @Property(tries = 500)
  void agreesWithANaiveSet(@ForAll("steps") List<Long> steps) {
    ReplayWindow window = new ReplayWindow();
    Set<Long> seen = new HashSet<>();
    long greatest = 0;
    for (long step : steps) {
      long counter = Math.max(0, greatest + step);
      boolean expected = greatest - counter <= WINDOW && seen.add(counter);
      assertThat(window.accept(counter))
          .as("counter %d, greatest %d", counter, greatest)
          .isEqualTo(expected);
      greatest = Math.max(greatest, counter);
    }
  }

  @Test
  void theEdges() {
    ReplayWindow window = new ReplayWindow();
    assertThat(window.accept(0)).isTrue();
    assertThat(window.accept(0)).isFalse();
    assertThat(window.accept(WINDOW)).isTrue();
    assertThat(window.accept(0)).isFalse();
    assertThat(window.accept(1)).isTrue();
    assertThat(window.accept(WINDOW + 2)).isTrue();
    assertThat(window.accept(1)).isFalse();
    assertThat(window.accept(2)).isTrue();
    assertThat(window.accept(3)).isTrue();
    assertThat(window.accept(3)).isFalse();
  }

  @Test
  void aJumpOverEverythingForgetsTheOldBits() {
    ReplayWindow window = new ReplayWindow();
    for (long counter = 0; counter < 10_000; counter++) {
      assertThat(window.accept(counter)).isTrue();
    }
    long far = 8192 * 5L;
    assertThat(window.accept(far)).isTrue();
    for (long counter = far - WINDOW; counter < far; counter++) {
      assertThat(window.accept(counter)).isTrue();
    }
    assertThat(window.accept(far - WINDOW - 1)).isFalse();
  }

  @Test
  void theEndOfTheRangeIsUnsigned() {
    ReplayWindow window = new ReplayWindow();
    assertThat(window.accept(Long.MIN_VALUE)).isTrue();
    assertThat(window.accept(REJECT_AFTER_MESSAGES - 1)).isTrue();
    assertThat(window.accept(REJECT_AFTER_MESSAGES - 2)).isTrue();
    assertThat(window.accept(REJECT_AFTER_MESSAGES)).isFalse();
    assertThat(window.accept(-1)).isFalse();
    assertThat(window.accept(Long.MIN_VALUE)).isFalse();
  }

  @Test
  void whatIsOlderByMoreThanHalfTheRangeIsOld() {
    ReplayWindow window = new ReplayWindow();
    assertThat(window.accept(5)).isTrue();
    assertThat(window.accept(REJECT_AFTER_MESSAGES - 1)).isTrue();
    assertThat(window.accept(5)).isFalse();
    assertThat(window.accept(6)).isFalse();
  }
}
