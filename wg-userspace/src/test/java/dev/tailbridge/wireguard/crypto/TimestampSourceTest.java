package dev.tailbridge.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.VirtualClock;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TimestampSourceTest {

  @Test
  void theLabelIsTaiWithTheLowBitsCleared() {
    // 2024-10-31 15:27:15 UTC, a label that the known answers use as well.
    long unixNanos = (0x6723a1c3L - 10) * 1_000_000_000L + 0x1e0a1234;
    byte[] label = new TimestampSource(() -> unixNanos, 0).next();
    assertThat(label).isEqualTo(HexFormat.of().parseHex("400000006723a1c31e000000"));
  }

  @Property
  void strictlyIncreasesWhateverTheClockDoes(
      @ForAll @Size(max = 50)
          List<@LongRange(min = -5_000_000_000L, max = 5_000_000_000L) Long> steps) {
    VirtualClock clock = new VirtualClock();
    TimestampSource source = new TimestampSource(clock::unixNanos, 0);
    byte[] last = source.next();
    for (long step : steps) {
      clock.stepWallClock(Duration.ofNanos(step));
      byte[] next = source.next();
      assertThat(Tai64n.isAfter(next, last)).isTrue();
      assertThat(next).endsWith(0, 0, 0);
      assertThat(HexFormat.fromHexDigits(HexFormat.of().formatHex(next, 8, 12)))
          .isBetween(0, 999_999_999);
      last = next;
    }
  }

  @Test
  void aRestartWithAClockFarBehindGoesOnAboveTheFloor() {
    VirtualClock clock = new VirtualClock();
    TimestampSource before = new TimestampSource(clock::unixNanos, 0);
    long floor = before.floor();
    clock.advance(Duration.ofSeconds(119));
    byte[] last = before.next();
    clock.stepWallClock(Duration.ofDays(-20_000));
    TimestampSource after = new TimestampSource(clock::unixNanos, floor);
    byte[] first = after.next();
    assertThat(Tai64n.isAfter(first, last)).isTrue();
    assertThat(Tai64n.isAfter(after.next(), first)).isTrue();
    assertThat(after.floor()).isGreaterThan(floor);
  }

  @Property
  void labelsCompareAsUnsignedBytes(@ForAll @Size(12) byte[] a, @ForAll @Size(12) byte[] b) {
    assertThat(Tai64n.isAfter(a, b))
        .isEqualTo(new BigInteger(1, a).compareTo(new BigInteger(1, b)) > 0);
    assertThat(Tai64n.isAfter(a, Arrays.copyOf(a, 12))).isFalse();
  }
}
