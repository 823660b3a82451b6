package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The goodput of bulk transfers over 100 ms and loss in both directions, MTU 1500, both buffers of
 * one size, as a table that is committed: a change of it is a change of behaviour, to be looked at.
 *
 * <p>smoltcp published such a table, made without congestion control. So ours is held against it
 * without one too ({@link FixedWindow}), and with its delay of acknowledgments, 10 ms; the column
 * of NewReno is what users get, and what RFC 5681 allows. {@code -Dnetsim.full=true} prints the
 * table of 20 seeds and 10 MiB.
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
  void tableIsAsCommittedAndReachesSmoltcp() throws IOException {
    boolean full = Boolean.getBoolean("netsim.full");
    int seeds = full ? 20 : 3;
    // In short transfers the handshake counts for more than the bar allows for.
    long bytes = full ? 10 << 20 : 4 << 20;
    StringBuilder table = new StringBuilder("buffer loss% newreno fixed smoltcp\n");
    for (int row = 0; row < BUFFERS.length; row++) {
      for (int column = 0; column < LOSS_PERCENT.length; column++) {
        double newReno = mean(BUFFERS[row], LOSS_PERCENT[column], false, seeds, bytes);
        double fixed = mean(BUFFERS[row], LOSS_PERCENT[column], true, seeds, bytes);
        double bar = SMOLTCP[row][column];
        table.append(
            String.format(
                Locale.ROOT,
                "%d %d %.0f %.0f %.0f%n",
                BUFFERS[row],
                LOSS_PERCENT[column],
                newReno,
                fixed,
                bar));
        assertThat(fixed)
            .as("buffer %s, loss %s %%", BUFFERS[row], LOSS_PERCENT[column])
            .isGreaterThanOrEqualTo(full ? bar : bar * 0.98);
      }
    }
    if (full) {
      System.out.print(table);
    } else {
      assertThat(table.toString()).isEqualTo(committed());
    }
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

  private static String committed() throws IOException {
    try (InputStream in = NetsimTest.class.getResourceAsStream("netsim.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
