package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabFleet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet that does nothing, each device with its node on a real Headscale whose policy hides them
 * from each other: how soon it is online, and what it takes.
 *
 * <p>{@code -Dfleet.devices=200 -Dfleet.rest=95 -Dfleet.seconds=30} makes it larger and longer,
 * {@code -Dfleet.bridge="-XX:+UseG1GC"} gives the bridge other flags.
 */
class IdleFleetIT {

  private static final int DEVICES = Integer.getInteger("fleet.devices", 50);
  private static final int SECONDS = Integer.getInteger("fleet.seconds", 10);

  /** What README recommends. */
  private static final String FLAGS =
      System.getProperty("fleet.bridge", "-XX:+UseSerialGC -Xms32m -Xmn16m -Xmx256m");

  /** Generous: the figure is printed, and a shared machine may be slow. */
  private static final Duration ONLINE = Duration.ofSeconds(60 + DEVICES / 2);

  /**
   * Memory is given back 30 s after the last start and 60 s later again, see engine.go; nodes probe
   * their paths until they have been idle for 45 s.
   */
  private static final Duration SETTLED = Duration.ofSeconds(Integer.getInteger("fleet.rest", 35));

  private static final double TICKS_PER_SECOND = 100;

  @TempDir Path folder;

  @Test
  void aFleetComesOnlineAndStaysSmall() throws Exception {
    try (Headscale headscale = new Headscale(folder);
        LabClient laptop = new LabClient(headscale, "people", "laptop", false, folder);
        LabFleet fleet = LabFleet.start(DEVICES, folder)) {
      String key = headscale.authKey("devices");
      // A rule whose sources are no machines hides nothing in Headscale: hence the laptop.
      headscale.hideDevices("people", "devices");
      BridgeFiles files = new BridgeFiles(folder).tailnet("home", headscale, key);
      for (LabFleet.Member member : fleet.members()) {
        String name = "chip-" + member.address().replace('.', '-');
        files.device(name, member.publicKey(), member.address(), "home");
      }
      long started = System.nanoTime();
      try (BridgeProcess bridge = start(files)) {
        fleet.server(
            bridge.publicKey(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), files.wireGuardPort()));
        assertThat(fleet.ask("connect wait=60").get("up").getAsInt()).isEqualTo(DEVICES);
        double online = awaitOnline(bridge, started);
        JsonObject fresh = process(bridge);
        pause(SETTLED);
        double before = cpuSeconds(bridge);
        pause(Duration.ofSeconds(SECONDS));
        double cpu = (cpuSeconds(bridge) - before) / SECONDS;
        JsonObject idle = process(bridge);
        System.out.printf(
            "%d devices: online after %.1f s; resident %.0f MiB then, %.0f MiB idle (Java heap in use"
                + " %.0f, Go heap %.0f), %d goroutines, %d descriptors; idle CPU %.1f %% of a core%n",
            DEVICES,
            online,
            mebibytes(fresh, "residentBytes"),
            mebibytes(idle, "residentBytes"),
            mebibytes(idle, "javaHeapBytes"),
            mebibytes(idle, "goHeapBytes"),
            idle.get("goroutines").getAsInt(),
            idle.get("descriptors").getAsInt(),
            100 * cpu);
        assertThat(online(bridge)).isEqualTo(DEVICES);
        assertThat(laptop.ip4()).isNotEmpty();
        assertThat(mebibytes(idle, "residentBytes")).isLessThan(170 + 1.4 * DEVICES);
        assertThat(idle.get("descriptors").getAsInt()).isLessThan(150 + 8 * DEVICES);
        assertThat(idle.get("goroutines").getAsInt()).isLessThan(100 + 60 * DEVICES);
      }
      long restarted = System.nanoTime();
      try (BridgeProcess bridge = start(files)) {
        double online = awaitOnline(bridge, restarted);
        System.out.printf(
            "%d devices: after a restart online again within %.1f s%n", DEVICES, online);
      }
    }
  }

  private static BridgeProcess start(BridgeFiles files) throws IOException {
    List<String> jvm = new ArrayList<>(List.of(BridgeProcess.currentJava()));
    jvm.addAll(List.of(FLAGS.split(" ")));
    return BridgeProcess.start(files, jvm, BridgeProcess.LOOPBACK_ONLY);
  }

  private static JsonObject process(BridgeProcess bridge) {
    return bridge.status().getAsJsonObject("process");
  }

  private static double mebibytes(JsonObject of, String key) {
    return of.get(key).getAsLong() / 1048576.0;
  }

  private static int online(BridgeProcess bridge) {
    int online = 0;
    for (JsonElement device : bridge.status().getAsJsonArray("devices")) {
      if (device.getAsJsonObject().get("state").getAsString().equals("online")) {
        online++;
      }
    }
    return online;
  }

  /** Returns the seconds since {@code started}. */
  private static double awaitOnline(BridgeProcess bridge, long started) {
    long deadline = System.nanoTime() + ONLINE.toNanos();
    int online = online(bridge);
    while (online < DEVICES) {
      assertThat(System.nanoTime()).as("%d of %d online", online, DEVICES).isLessThan(deadline);
      pause(Duration.ofMillis(100));
      online = online(bridge);
    }
    return (System.nanoTime() - started) / 1e9;
  }

  /** The passing of time is what is measured here. */
  private static void pause(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private static double cpuSeconds(BridgeProcess bridge) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + bridge.process().pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }
}
