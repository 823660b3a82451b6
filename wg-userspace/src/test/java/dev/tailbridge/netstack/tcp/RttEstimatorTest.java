package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Script.ms;
import static dev.tailbridge.netstack.tcp.Script.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 6298 by its formulas. */
class RttEstimatorTest {

  private final RttEstimator rtt = new RttEstimator(ms(200));

  /** RFC 6298 2.1 and 5.7. */
  @Test
  void beforeTheFirstSample() {
    assertThat(rtt.timeout()).isEqualTo(seconds(1));
    assertThat(rtt.smoothed()).isNegative();
    rtt.backOff();
    rtt.synWasLost();
    assertThat(rtt.timeout()).isEqualTo(seconds(3));
  }

  /** RFC 6298 2.2, 2.3. */
  @Test
  void samples() {
    rtt.sample(ms(400));
    assertThat(rtt.smoothed()).isEqualTo(ms(400));
    assertThat(rtt.variation()).isEqualTo(ms(200));
    assertThat(rtt.timeout()).isEqualTo(ms(1200));
    rtt.sample(ms(800));
    assertThat(rtt.variation()).isEqualTo(ms(250));
    assertThat(rtt.smoothed()).isEqualTo(ms(450));
    assertThat(rtt.timeout()).isEqualTo(ms(1450));
    rtt.synWasLost();
    assertThat(rtt.timeout())
        .as("with a sample the first timeout is no matter")
        .isEqualTo(ms(1450));
  }

  /** RFC 6298 2.3 (G) and 2.4. */
  @Test
  void bounds() {
    for (int i = 0; i < 100; i++) {
      rtt.sample(ms(10));
    }
    assertThat(rtt.timeout()).isEqualTo(ms(200));
    RttEstimator steady = new RttEstimator(0);
    for (int i = 0; i < 100; i++) {
      steady.sample(ms(10));
    }
    assertThat(steady.timeout()).as("a tick beyond a steady path").isEqualTo(ms(11));
    rtt.sample(seconds(100));
    assertThat(rtt.timeout()).isEqualTo(seconds(60));
  }

  /** RFC 6298 2.5 and 5.5. */
  @Test
  void backOff() {
    rtt.sample(ms(100));
    assertThat(rtt.isBackedOff()).isFalse();
    for (int i = 0; i < 8; i++) {
      assertThat(rtt.timeout()).isEqualTo(Math.min(seconds(60), ms(300) << i));
      rtt.backOff();
      assertThat(rtt.isBackedOff()).isTrue();
    }
    for (int i = 0; i < 100; i++) {
      assertThat(rtt.timeout()).as("after %s times", 8 + i).isEqualTo(seconds(60));
      rtt.backOff();
    }
    rtt.easeBackoff();
    assertThat(rtt.timeout()).isEqualTo(ms(600));
    rtt.forgetBackoff();
    assertThat(rtt.timeout()).isEqualTo(ms(300));
    rtt.easeBackoff();
    assertThat(rtt.isBackedOff()).isFalse();
    rtt.backOff();
    rtt.sample(ms(100));
    assertThat(rtt.isBackedOff()).as("after a clean sample").isFalse();
  }
}
