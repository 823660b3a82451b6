package dev.tailbridge.wireguard.protocol;

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

/** The edges that the self-test of Linux's implementation walks along, and the end of the range. */
class ReplayWindowStepsTest {

  private static final long WINDOW = 8128;

  /** A distance of one more than the window. */
  private static final long LIMIT = WINDOW + 1;

  /** The first counter that is none: 2^64 - 2^13 - 1. */
  private static final long REJECT = -8193;

  private ReplayWindow window = new ReplayWindow();

  private void accepts(long... counters) {
    for (long counter : counters) {
      assertThat(window.accept(counter)).as("%d", counter).isTrue();
    }
  }

  private void refuses(long... counters) {
    for (long counter : counters) {
      assertThat(window.accept(counter)).as("%d", counter).isFalse();
    }
  }

  @Test
  void oneWindowAfterTheOther() {
    accepts(0, 1);
    refuses(1);
    accepts(9, 8, 7);
    refuses(7);
    accepts(LIMIT, LIMIT - 1);
    refuses(LIMIT - 1);
    accepts(LIMIT - 2, 2);
    refuses(2);
    accepts(LIMIT + 16);
    refuses(3, LIMIT + 16);
    long far = 4 * LIMIT;
    accepts(far, far - (LIMIT - 1));
    refuses(10, far - LIMIT, far - (LIMIT + 1));
    accepts(far - (LIMIT - 2));
    refuses(far + 1 - LIMIT, 0);
    refuses(REJECT);
    accepts(REJECT - 1);
    refuses(REJECT, REJECT - 1);
    accepts(REJECT - 2);
    refuses(REJECT + 1, REJECT + 2, REJECT - 2);
    accepts(REJECT - 3);
    refuses(0, -1);
  }

  @Test
  void aFullWindowStillHasRoomForItsOldest() {
    for (long counter = 1; counter <= WINDOW; counter++) {
      accepts(counter);
    }
    accepts(0);
    refuses(0);
  }

  @Test
  void oneMoreAndTheOldestIsOutside() {
    for (long counter = 2; counter <= WINDOW + 1; counter++) {
      accepts(counter);
    }
    accepts(1);
    refuses(0);
  }

  @Test
  void backwardsFromTheEdge() {
    for (long counter = WINDOW; counter >= 0; counter--) {
      accepts(counter);
    }
  }

  @Test
  void backwardsFromBeyondTheEdge() {
    for (long counter = WINDOW + 1; counter >= 1; counter--) {
      accepts(counter);
    }
    refuses(0);
  }

  @Test
  void theLastPlaceGoesToWhoeverComesFirst() {
    for (long counter = WINDOW; counter >= 1; counter--) {
      accepts(counter);
    }
    accepts(WINDOW + 1);
    refuses(0);
    window = new ReplayWindow();
    for (long counter = WINDOW; counter >= 1; counter--) {
      accepts(counter);
    }
    accepts(0, WINDOW + 1);
  }

  @Provide
  Arbitrary<List<Long>> steps() {
    return Arbitraries.frequencyOf(
            Tuple.of(4, Arbitraries.longs().between(-70, 70)),
            Tuple.of(2, Arbitraries.longs().between(-WINDOW - 3, -WINDOW + 70)),
            Tuple.of(1, Arbitraries.longs().between(8000, 8300)))
        .list()
        .ofMaxSize(300);
  }

  /** From the middle of the unsigned range, or from close to its end, to where no counter is. */
  @Property(tries = 300)
  void agreesWithANaiveSetInTheUpperHalf(
      @ForAll("steps") List<Long> steps, @ForAll boolean nearTheEnd) {
    window = new ReplayWindow();
    Set<Long> seen = new HashSet<>();
    long greatest = nearTheEnd ? REJECT - 9000 : Long.MAX_VALUE - 4000;
    accepts(greatest);
    seen.add(greatest);
    for (long step : steps) {
      boolean ahead = step > 0;
      boolean beyond = ahead && Long.compareUnsigned(greatest + step, greatest) < 0;
      long counter = beyond ? -1 : greatest + step;
      boolean expected =
          Long.compareUnsigned(counter, REJECT) < 0
              && (ahead || -step <= WINDOW)
              && seen.add(counter);
      assertThat(window.accept(counter))
          .as("%s after %s", Long.toUnsignedString(counter), Long.toUnsignedString(greatest))
          .isEqualTo(expected);
      greatest = ahead && expected ? counter : greatest;
    }
  }
}
