package dev.tailbridge.netstack.tcp;

import dev.tailbridge.testing.VirtualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * NewReno and CUBIC over the wide area: the figures behind the decision which of them is used, and
 * how several flows share a bottleneck.
 */
class CongestionControlTest {

  private static final int[] ROUND_TRIPS =
      Snapshot.FULL ? new int[] {20, 100, 250} : new int[] {100};
  private static final double[] LOSSES = {0, 1e-4, 1e-3, 1e-2};
  private static final int[] BUFFERS_KIB =
      Snapshot.FULL ? new int[] {64, 256, 1024} : new int[] {256, 1024};

  @Test
  void wideArea() throws IOException {
    Snapshot table = new Snapshot("wan", "rtt-ms loss buffer-KiB newreno-kB/s cubic-kB/s");
    for (int roundTrip : ROUND_TRIPS) {
      for (double loss : LOSSES) {
        for (int buffer : BUFFERS_KIB) {
          table.row(
              "%d %s %d %.0f %.0f",
              roundTrip,
              loss,
              buffer,
              mean(() -> new NewReno(2), roundTrip, loss, buffer),
              mean(Cubic::new, roundTrip, loss, buffer));
        }
      }
    }
    table.matches();
  }

  private static double mean(
      Supplier<CongestionControl> control, int roundTrip, double loss, int kib) {
    int seeds = Snapshot.FULL ? 10 : 1;
    double sum = 0;
    for (int seed = 0; seed < seeds; seed++) {
      TcpConfig config =
          TcpConfig.wan(1280, false).toBuilder().buffers(kib << 10, kib << 10).build();
      Transfer transfer =
          new Transfer(config, config, Snapshot.FULL ? 16 << 20 : 4 << 20, seed)
              .roundTrip(Duration.ofMillis(roundTrip));
      transfer.up.loss = loss;
      transfer.client.congestion = control.get();
      sum += transfer.run(Duration.ofHours(1));
    }
    return sum / seeds / 1000;
  }

  /** Rates after the first quarter, so that slow start does not count. */
  @Test
  void fairness() throws IOException {
    Snapshot table =
        new Snapshot("fairness", "rtt-ms queue-KiB flows jain utilization% newreno:cubic");
    for (int roundTrip : Snapshot.FULL ? new int[] {20, 100} : new int[] {100}) {
      for (int queue : Snapshot.FULL ? new int[] {32, 128} : new int[] {128}) {
        for (int cubic : new int[] {0, 2, 4}) {
          share(table, roundTrip, queue, 4, cubic);
        }
      }
    }
    table.matches();
  }

  private static void share(Snapshot table, int roundTrip, int queueKib, int flows, int cubic) {
    long rate = 1_250_000;
    int seconds = Snapshot.FULL ? 240 : 20;
    Bottleneck bottleneck = new Bottleneck(rate, queueKib << 10);
    VirtualClock clock = new VirtualClock();
    List<Transfer> transfers = new ArrayList<>();
    for (int i = 0; i < flows; i++) {
      TcpConfig config = TcpConfig.wan(1280, false);
      Transfer transfer =
          new Transfer(clock, config, config, Long.MAX_VALUE, i)
              .roundTrip(Duration.ofMillis(roundTrip));
      transfer.up.bottleneck = bottleneck;
      transfer.client.congestion = i < cubic ? new Cubic() : new NewReno(2);
      transfers.add(transfer);
      clock.after(Duration.ofMillis(137L * i), transfer.client::connect);
    }
    clock.advance(Duration.ofSeconds(seconds / 4));
    long[] before = transfers.stream().mapToLong(Transfer::received).toArray();
    clock.advance(Duration.ofSeconds(seconds - seconds / 4));
    double sum = 0;
    double squares = 0;
    double ofCubic = 0;
    for (int i = 0; i < flows; i++) {
      double got = transfers.get(i).received() - before[i];
      sum += got;
      squares += got * got;
      ofCubic += i < cubic ? got : 0;
    }
    double ofReno = sum - ofCubic;
    boolean mixed = cubic > 0 && cubic < flows;
    table.row(
        "%d %d %dr+%dc %.3f %.1f %s",
        roundTrip,
        queueKib,
        flows - cubic,
        cubic,
        sum * sum / (flows * squares),
        100 * sum / (rate * (double) (seconds - seconds / 4)),
        mixed ? String.format(Locale.ROOT, "1:%.2f", ofCubic / ofReno) : "-");
  }
}
