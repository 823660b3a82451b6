package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The goodput of bulk transfers over 100 ms and loss in both directions, MTU 1500, both buffers of
 * one size.
 *
 * <p>smoltcp published such a table, made without congestion control. So ours is held against it
 * without one too ({@link FixedWindow}), and with its delay of acknowledgments, 10 ms. The column
 * of NewReno is what users get. It cannot reach the bar where both the loss and the buffer are
 * large: RFC 5681 allows about 1.22 MSS / (RTT sqrt(p)), and half of what is lost there are
 * acknowledgments.
 */
class NetsimTest {

  private static final int[] BUFFERS = {4096, 8192, 16384, 32768};
  private static final int[] LOSS_PERCENT = {0, 1, 5, 10};

  /** B/s. */
  private static final double[][] SMOLTCP = {
    {35_062, 27_011, 14_074, 7_871},
    {77_374, 58_491, 29_422, 15_515},
    {161_842, 141_467, 78_239, 38_637},
    {322_945, 266_384, 138_762, 83_163}
  };

  @Test
  void tableReachesSmoltcp() throws IOException {
    int seeds = Snapshot.FULL ? 20 : 2;
    long bytes = Snapshot.FULL ? 10 << 20 : 1 << 20;
    Snapshot table = new Snapshot("netsim", "buffer loss% newreno fixed smoltcp");
    for (int row = 0; row < BUFFERS.length; row++) {
      for (int column = 0; column < LOSS_PERCENT.length; column++) {
        double newReno = mean(BUFFERS[row], LOSS_PERCENT[column], false, seeds, bytes);
        double fixed = mean(BUFFERS[row], LOSS_PERCENT[column], true, seeds, bytes);
        double bar = SMOLTCP[row][column];
        table.row("%d %d %.0f %.0f %.0f", BUFFERS[row], LOSS_PERCENT[column], newReno, fixed, bar);
        // In a short transfer the handshake and the beginning count for more than in smoltcp's.
        assertThat(fixed)
            .as("buffer %s, loss %s %%", BUFFERS[row], LOSS_PERCENT[column])
            .isGreaterThanOrEqualTo(Snapshot.FULL ? reachable(BUFFERS[row], bar) : bar * 0.9);
      }
    }
    table.matches();
  }

  /**
   * A sender that avoids silly windows (RFC 9293 3.8.6.2.1) sends whole segments: 22 of 1448 bytes,
   * and not the 912 that are left of 32768. In the one cell without loss and with that buffer
   * smoltcp's figure is above what such segments make in a round trip.
   */
  private static double reachable(int buffer, double bar) {
    return Math.min(bar, buffer / 1448 * 1448 * 10.0);
  }

  private static double mean(int buffer, int lossPercent, boolean fixed, int seeds, long bytes) {
    double sum = 0;
    for (int seed = 0; seed < seeds; seed++) {
      TcpConfig config =
          TcpConfig.wan(1500, false).toBuilder()
              .firstBuffer(buffer)
              .buffers(buffer, buffer)
              .nagle(false)
              .delayedAck(10_000_000)
              .build();
      Transfer transfer =
          new Transfer(config, config, bytes, seed)
              .roundTrip(Duration.ofMillis(100))
              .loss(lossPercent / 100.0);
      if (fixed) {
        transfer.client.congestion = new FixedWindow();
      }
      sum += transfer.run(Duration.ofHours(2));
    }
    return sum / seeds;
  }
}
