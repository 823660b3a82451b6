package dev.tailbridge.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a bridge's process takes at one moment; memory in MiB.
 *
 * @param peak the most that was ever resident
 */
record Usage(
    double resident,
    double peak,
    double javaHeap,
    double goHeap,
    int goroutines,
    int descriptors,
    int threads) {

  private static final double KIBIBYTES = 1024;
  private static final double TICKS_PER_SECOND = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static Usage of(BridgeProcess bridge) {
    JsonObject process = answered(bridge);
    return new Usage(
        mebibytes(process, "residentBytes"),
        number(bridge, "VmHWM") / KIBIBYTES,
        mebibytes(process, "javaHeapBytes"),
        mebibytes(process, "goHeapBytes"),
        process.get("goroutines").getAsInt(),
        process.get("descriptors").getAsInt(),
        (int) number(bridge, "Threads"));
  }

  /** Until the Go library has told its part too: it may be late while it starts a fleet. */
  private static JsonObject answered(BridgeProcess bridge) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonObject process = bridge.status().getAsJsonObject("process");
      if (process.has("goHeapBytes") && process.has("goroutines")) {
        return process;
      }
      assertThat(System.nanoTime()).as("no figures of the nodes: %s", process).isLessThan(deadline);
      FleetRig.pause(Duration.ofMillis(100));
    }
  }

  private static double mebibytes(JsonObject of, String key) {
    return of.get(key).getAsLong() / KIBIBYTES / KIBIBYTES;
  }

  private static long number(BridgeProcess bridge, String field) {
    Matcher line = Pattern.compile(field + ":\\s*(\\d+)").matcher(read(bridge, "status"));
    if (!line.find()) {
      throw new IllegalStateException("no " + field + " in /proc/PID/status");
    }
    return Long.parseLong(line.group(1));
  }

  /** The processor time that it has taken since its start. */
  static double cpuSeconds(BridgeProcess bridge) {
    String stat = read(bridge, "stat");
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  private static String read(BridgeProcess bridge, String file) {
    try {
      return Files.readString(Path.of("/proc/" + bridge.process().pid() + "/" + file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return String.format(
        "resident %.0f MiB (at most %.0f), Java heap in use %.0f, Go heap %.0f, %d goroutines,"
            + " %d descriptors, %d threads",
        resident, peak, javaHeap, goHeap, goroutines, descriptors, threads);
  }
}
