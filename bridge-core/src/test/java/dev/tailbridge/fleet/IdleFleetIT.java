package dev.tailbridge.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.BridgeProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet, each device with its node on a real Headscale whose policy hides them from each other:
 * how soon it is online, what it lives through, what it takes when it does nothing, and how soon it
 * is back after a restart.
 *
 * <p>{@code -Dfleet.devices=200 -Dfleet.rest=95 -Dfleet.seconds=30} makes it larger and longer,
 * {@code -Dsoak.seconds} sets how long the soak takes (0: none), {@code
 * -Dfleet.bridge="-XX:+UseG1GC"} gives the bridge other flags, {@code -Dfleet.before="taskset -c
 * 0"} puts words before them. {@code -Dfleet.online} and {@code -Dfleet.peak} are the seconds and
 * the MiB that it may take at most.
 */
class IdleFleetIT {

  private static final int DEVICES = Integer.getInteger("fleet.devices", 50);
  private static final int SECONDS = Integer.getInteger("fleet.seconds", 10);
  private static final Duration SOAK = Duration.ofSeconds(Integer.getInteger("soak.seconds", 60));

  /** Generous: the figure is printed, and a shared machine may be slow. */
  private static final int ONLINE = Integer.getInteger("fleet.online", 60 + DEVICES / 2);

  private static final int PEAK = Integer.getInteger("fleet.peak", Integer.MAX_VALUE);

  /**
   * Memory is given back 30 s after the last start and 60 s later again, see engine.go; nodes probe
   * their paths until they have been idle for 45 s.
   */
  private static final Duration SETTLED = Duration.ofSeconds(Integer.getInteger("fleet.rest", 35));

  @TempDir Path folder;

  @Test
  void aFleetComesOnlineStaysSmallAndLivesThroughFaults() throws Exception {
    try (FleetRig rig = new FleetRig(DEVICES, folder)) {
      long started = System.nanoTime();
      try (BridgeProcess bridge = rig.start()) {
        rig.connect(bridge);
        rig.awaitOnline(bridge);
        double online = (System.nanoTime() - started) / 1e9;
        System.out.printf("%d devices: online after %.1f s%n", DEVICES, online);
        System.out.printf("%d devices: then %s%n", DEVICES, Usage.of(bridge));
        assertThat(online).isLessThan(ONLINE);
        Soak soak = new Soak(rig, bridge, SOAK);
        if (!SOAK.isZero()) {
          soak.run();
        }
        FleetRig.pause(SETTLED);
        double before = Usage.cpuSeconds(bridge);
        FleetRig.pause(Duration.ofSeconds(SECONDS));
        double cpu = (Usage.cpuSeconds(bridge) - before) / SECONDS;
        Usage idle = Usage.of(bridge);
        System.out.printf(
            "%d devices: idle %s; idle CPU %.1f %% of a core%n", DEVICES, idle, 100 * cpu);
        assertThat(FleetRig.online(bridge)).isEqualTo(DEVICES);
        assertThat(rig.laptop().ip4()).isNotEmpty();
        assertThat(idle.peak()).isLessThan(PEAK);
        assertThat(idle.resident()).isLessThan((SOAK.isZero() ? 170 : 210) + 1.4 * DEVICES);
        assertThat(idle.descriptors()).isLessThan(150 + 8 * DEVICES);
        assertThat(idle.goroutines()).isLessThan(100 + 60 * DEVICES);
        if (!SOAK.isZero()) {
          soak.rested(idle);
        }
      }
      long restarted = System.nanoTime();
      try (BridgeProcess bridge = rig.start()) {
        rig.awaitOnline(bridge);
        System.out.printf(
            "%d devices: after a restart online again within %.1f s%n",
            DEVICES, (System.nanoTime() - restarted) / 1e9);
      }
    }
  }
}
