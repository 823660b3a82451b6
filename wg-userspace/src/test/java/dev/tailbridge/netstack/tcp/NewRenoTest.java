package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NewReno by the formulas of RFC 5681, 3465, 6582, 6928 and 7661. */
class NewRenoTest {

  private static final int MSS = 1000;

  private final NewReno reno = new NewReno(2);

  @BeforeEach
  void begin() {
    reno.begin(MSS, false);
  }

  /** RFC 6928 2; RFC 5681 3.1. */
  @ParameterizedTest
  @CsvSource({
    "1000, false, 10000",
    "1460, false, 14600",
    "3000, false, 14600",
    "9000, false, 18000",
    "1000, true, 1000"
  })
  void initialWindow(int mss, boolean synWasLost, int window) {
    reno.begin(mss, synWasLost);
    assertThat(reno.window()).isEqualTo(window);
    assertThat(reno.threshold()).isEqualTo(Integer.MAX_VALUE);
  }

  /** RFC 3465 2.2 and 2.3; RFC 7661 4.3. */
  @Test
  void slowStart() {
    reno.acknowledged(500, true, false);
    assertThat(reno.window()).isEqualTo(10_500);
    reno.acknowledged(5000, true, false);
    assertThat(reno.window()).as("two segments a time").isEqualTo(12_500);
    reno.acknowledged(5000, true, true);
    assertThat(reno.window()).as("one after a timeout").isEqualTo(13_500);
    reno.acknowledged(5000, false, false);
    assertThat(reno.window()).as("not used").isEqualTo(13_500);
  }

  /** RFC 3465 2.1: a segment for each window that was acknowledged. */
  @Test
  void congestionAvoidance() {
    reno.lossDetected(20_000);
    for (int i = 0; i < 9; i++) {
      reno.acknowledged(1000, true, false);
    }
    assertThat(reno.window()).isEqualTo(10_000);
    reno.acknowledged(1000, true, false);
    assertThat(reno.window()).isEqualTo(11_000);
    reno.acknowledged(10_999, true, false);
    assertThat(reno.window()).isEqualTo(11_000);
    reno.acknowledged(1, true, false);
    assertThat(reno.window()).isEqualTo(12_000);
    reno.acknowledged(6000, true, false);
    reno.lossDetected(24_000);
    reno.acknowledged(11_999, true, false);
    assertThat(reno.window()).as("what was counted before the loss").isEqualTo(12_000);
  }

  /** RFC 5681 equation 4; RFC 6582 3.2, step 3. */
  @Test
  void fastRecovery() {
    reno.lossDetected(30_000);
    assertThat(reno.threshold()).isEqualTo(15_000);
    assertThat(reno.window()).isEqualTo(15_000);
    reno.recovered(20_000);
    assertThat(reno.window()).isEqualTo(15_000);
    reno.recovered(3000);
    assertThat(reno.window()).isEqualTo(4000);
    reno.recovered(0);
    assertThat(reno.window()).isEqualTo(2000);
    reno.lossDetected(1000);
    assertThat(reno.threshold()).as("never below two segments").isEqualTo(2000);
  }

  /** RFC 5681 3.1: once for each flight. */
  @Test
  void timeout() {
    reno.timedOut(8000, false);
    assertThat(reno.window()).isEqualTo(MSS);
    assertThat(reno.threshold()).isEqualTo(4000);
    reno.timedOut(1000, true);
    assertThat(reno.threshold()).isEqualTo(4000);
    reno.timedOut(1000, false);
    assertThat(reno.threshold()).isEqualTo(2000);
  }

  /** RFC 4015 4: what a timeout did that was none is undone, without a burst. */
  @Test
  void undone() {
    reno.lossDetected(40_000);
    reno.timedOut(20_000, false);
    reno.timedOut(20_000, true);
    reno.undone(3000);
    assertThat(reno.window()).isEqualTo(13_000);
    assertThat(reno.threshold()).isEqualTo(20_000);
    reno.timedOut(13_000, false);
    reno.undone(13_000);
    assertThat(reno.window()).isEqualTo(13_000);
  }

  /** RFC 5681 4.1, RFC 7661 4.4.3. */
  @Test
  void idleness() {
    reno.lossDetected(80_000);
    reno.unused();
    assertThat(reno.window()).isEqualTo(20_000);
    reno.unused();
    reno.unused();
    assertThat(reno.window()).isEqualTo(10_000);
    reno.lossDetected(80_000);
    reno.restarted();
    assertThat(reno.window()).isEqualTo(10_000);
    reno.lossDetected(8000);
    reno.restarted();
    reno.unused();
    assertThat(reno.window()).as("less than the initial one stays").isEqualTo(4000);
  }

  /** RFC 8201 5.4: bytes stay bytes. */
  @Test
  void smallerSegments() {
    reno.segmentsShrink(500);
    assertThat(reno.window()).isEqualTo(10_000);
    reno.timedOut(0, false);
    assertThat(reno.window()).isEqualTo(500);
    assertThat(reno.threshold()).isEqualTo(1000);
  }
}
