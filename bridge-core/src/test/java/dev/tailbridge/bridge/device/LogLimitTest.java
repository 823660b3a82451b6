package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogLimitTest {

  private final LogLimit limit = new LogLimit();

  @Test
  void aCauseIsHeardAtOnceThenOnceAMinuteWithWhatWasLeftOut() {
    assertThat(limit.pass("a", at(0))).isZero();
    assertThat(limit.pass("a", at(1))).isEqualTo(LogLimit.SUPPRESSED);
    assertThat(limit.pass("b", at(2))).as("another cause").isZero();
    assertThat(limit.pass("a", at(59))).isEqualTo(LogLimit.SUPPRESSED);
    assertThat(limit.pass("a", at(60))).isEqualTo(2);
    assertThat(limit.pass("a", at(61))).isEqualTo(LogLimit.SUPPRESSED);
    assertThat(limit.pass("a", at(121))).isEqualTo(1);
  }

  @Test
  void manyCausesPushOutTheEldest() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.pass(i, at(0))).isZero();
    }
    assertThat(limit.pass(999, at(1))).isEqualTo(LogLimit.SUPPRESSED);
    assertThat(limit.pass(0, at(1))).isZero();
  }

  @Test
  void causesThatSomebodyMakesUpShareSoManyLinesAMinute() {
    LogLimit shared = new LogLimit(3);
    for (int i = 0; i < 3; i++) {
      assertThat(shared.pass(i, at(i))).isZero();
    }
    assertThat(shared.pass(3, at(10))).isEqualTo(LogLimit.SUPPRESSED);
    assertThat(shared.pass(3, at(20))).isEqualTo(LogLimit.SUPPRESSED);
    assertThat(shared.pass(0, at(59))).isEqualTo(LogLimit.SUPPRESSED);
    assertThat(shared.pass(3, at(60))).as("heard at last").isEqualTo(2);
    assertThat(shared.pass(0, at(61))).isEqualTo(1);
    assertThat(shared.pass(4, at(61))).isZero();
    assertThat(shared.pass(5, at(61))).isEqualTo(LogLimit.SUPPRESSED);
  }

  private static long at(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds) - 5;
  }
}
