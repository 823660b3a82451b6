package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Many devices that come back at once: until when the last one is up, with their clocks right; and
 * one that comes back with its clock at 1970.
 *
 * <p>A device counts as up at its first session by which packets can go. The processor time is the
 * server's, per round. Options: {@code --lab PROGRAM}, {@code --devices N}, {@code --rounds N}.
 */
public final class FleetReconnect {

  private static final long PAUSE_MILLIS = 3000;

  private final Path lab;
  private final int devices;
  private final int rounds;

  private FleetReconnect(Options options) {
    lab = Path.of(options.required("lab"));
    devices = options.integer("devices", 1000);
    rounds = options.integer("rounds", 3);
  }

  /** Prints a table. */
  public static void main(String[] args) throws IOException, InterruptedException {
    FleetReconnect benchmark = new FleetReconnect(Options.parse(args, "lab", "devices", "rounds"));
    System.out.println(Machine.describe());
    System.out.printf(
        "%-20s %-12s %10s %10s %10s %10s%n", "server", "what", "up", "p50 ms", "last ms", "CPU s");
    List<Rival> rivals = Rival.all(benchmark.lab, 2);
    try {
      for (Rival rival : rivals) {
        benchmark.run(rival);
      }
    } finally {
      for (Rival rival : rivals) {
        rival.close();
      }
    }
  }

  private void run(Rival rival) throws IOException, InterruptedException {
    try (Child fleet =
        Child.lab(
            lab,
            "fleet",
            Integer.toString(devices),
            "-peer-key",
            rival.publicKey(),
            "-endpoint",
            rival.endpoint())) {
      StringBuilder peers = new StringBuilder("peers");
      for (JsonElement element : fleet.ready().getAsJsonArray("devices")) {
        JsonObject device = element.getAsJsonObject();
        peers.append(' ').append(device.get("publicKey").getAsString());
        peers.append('=').append(device.get("address").getAsString()).append("/32");
      }
      rival.server().call(peers.toString());
      report(rival, fleet, "first", "connect wait=30");
      for (int i = 0; i < rounds; i++) {
        report(rival, fleet, "reconnect", "reboot clock=now wait=30");
      }
      report(rival, fleet, "clock 1970", "reboot clock=1970 count=1 wait=8");
    }
  }

  private void report(Rival rival, Child fleet, String what, String command)
      throws IOException, InterruptedException {
    // A server that was under load asks for cookies a little longer: one storm at a time.
    Thread.sleep(PAUSE_MILLIS);
    double cpu = rival.server().cpuSeconds();
    JsonObject report;
    try {
      report = fleet.call(command);
    } catch (IOException e) {
      System.out.printf("%-20s %-12s %s%n", rival.name(), what, e.getMessage());
      return;
    }
    JsonObject up = report.getAsJsonObject("upMs");
    System.out.printf(
        "%-20s %-12s %10d %10.1f %10.1f %10.2f%n",
        rival.name(),
        what,
        report.get("up").getAsInt(),
        up.get("p50").getAsDouble(),
        up.get("last").getAsDouble(),
        rival.server().cpuSeconds() - cpu);
  }
}
