package dev.tailbridge.netstack.tcp;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The goodput towards a microcontroller: MSS 1380, a window of 5744 bytes, no options, and an
 * acknowledgment that is delayed by 250 ms unless a second segment comes. The ceiling is the window
 * a round trip.
 */
class DeviceNetsimTest {

  @Test
  void towardsDevices() throws IOException {
    int seeds = Snapshot.FULL ? 20 : 2;
    long bytes = Snapshot.FULL ? 1 << 20 : 100_000;
    Snapshot table = new Snapshot("device", "rtt-ms jitter-ms loss% B/s floor-of-4-B/s");
    for (int roundTrip : new int[] {20, 100}) {
      for (int jitter : new int[] {0, 100}) {
        for (int loss : new int[] {0, 1, 5, 10, 20}) {
          table.row(
              "%d %d %d %.0f %.0f",
              roundTrip,
              jitter,
              loss,
              mean(2, roundTrip, jitter, loss, seeds, bytes),
              mean(4, roundTrip, jitter, loss, seeds, bytes));
        }
      }
    }
    table.matches();
  }

  private static double mean(
      int floor, int roundTrip, int jitter, int loss, int seeds, long bytes) {
    double sum = 0;
    for (int seed = 0; seed < seeds; seed++) {
      TcpConfig ours =
          TcpConfig.device(1420, false).toBuilder().userTimeout(Long.MAX_VALUE / 2).build();
      TcpConfig theirs = ours.toBuilder().options(false, false, false).buffers(5744, 5744).build();
      Transfer transfer =
          new Transfer(ours, theirs, bytes, seed)
              .roundTrip(Duration.ofMillis(roundTrip))
              .loss(loss / 100.0);
      transfer.up.jitterNanos = jitter * 1_000_000L;
      transfer.client.congestion = new NewReno(floor);
      transfer.server.lwipDelayNanos = 250_000_000;
      sum += transfer.run(Duration.ofHours(4));
    }
    return sum / seeds;
  }
}
