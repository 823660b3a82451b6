package dev.tailbridge.bridge.forward.splice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.NoBufferLeaks;
import io.netty.channel.ChannelFuture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How much faster a splice is than routing, in virtual time: a tailnet of 100 ms and a tunnel of 20
 * ms there and back, and a device with the window of lwIP, 5744 bytes.
 */
@ExtendWith(NoBufferLeaks.class)
class SpliceRatioTest {

  private static final int BYTES = 200_000;
  private static final int SEEDS = 3;

  private static SpliceBench.Setup far(boolean spliced, double loss, long seed) {
    SpliceBench.Setup setup = new SpliceBench.Setup();
    setup.spliced = spliced;
    setup.tailnetDelay = Duration.ofMillis(50);
    setup.tunnelDelay = Duration.ofMillis(10);
    setup.tunnelLoss = loss;
    setup.seed = seed;
    return setup;
  }

  /** Seconds from the call to the last byte. */
  private static double seconds(SpliceBench.Setup setup, boolean up) {
    SpliceBench bench = setup.start();
    List<End> served = End.serve(bench.device, 80);
    End caller = new End();
    long start = bench.time.nanoTime();
    ChannelFuture call = End.call(bench.caller, SpliceBench.NODE, 80, caller);
    assertThat(
            bench.time.runUntil(() -> call.isSuccess() && !served.isEmpty(), Duration.ofMinutes(1)))
        .isTrue();
    End device = served.get(0);
    (up ? caller : device).write(new byte[BYTES]);
    End to = up ? device : caller;
    assertThat(bench.time.runUntil(() -> to.received.size() == BYTES, Duration.ofMinutes(5)))
        .as("all bytes, seed " + setup.seed)
        .isTrue();
    double seconds = (bench.time.nanoTime() - start) / 1e9;
    bench.close();
    return seconds;
  }

  private static double ratio(boolean up, double loss, int seeds) {
    double routed = 0;
    double spliced = 0;
    for (int seed = 1; seed <= seeds; seed++) {
      routed += seconds(far(false, loss, seed), up);
      spliced += seconds(far(true, loss, seed), up);
    }
    System.out.printf(
        "%s, loss %.0f %%: routed %.0f B/s, spliced %.0f B/s, ratio %.2f%n",
        up ? "up" : "down",
        100 * loss,
        seeds * BYTES / routed,
        seeds * BYTES / spliced,
        routed / spliced);
    return routed / spliced;
  }

  @Test
  void upIsFourTimesAsFast() {
    assertThat(ratio(true, 0, 1)).isGreaterThanOrEqualTo(4);
  }

  @Test
  void downIsFourTimesAsFast() {
    assertThat(ratio(false, 0, 1)).isGreaterThanOrEqualTo(4);
  }

  @Test
  void upGainsHalfAsMuchAgainWithLoss() {
    assertThat(ratio(true, 0.05, SEEDS)).isGreaterThanOrEqualTo(1.5);
  }

  @Test
  void downGainsHalfAsMuchAgainWithLoss() {
    assertThat(ratio(false, 0.05, SEEDS)).isGreaterThanOrEqualTo(1.5);
  }
}
