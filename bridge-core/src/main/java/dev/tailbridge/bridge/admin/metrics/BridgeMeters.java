package dev.tailbridge.bridge.admin.metrics;

import dev.tailbridge.bridge.admin.BridgeView;
import dev.tailbridge.bridge.admin.LoopView;
import dev.tailbridge.bridge.admin.SidecarView;
import dev.tailbridge.wireguard.DropReason;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The metrics of the bridge as a whole: its devices by state, its event loops, its process. */
final class BridgeMeters {
  private static final List<String> STATES =
      List.of(
          "online",
          "waiting for device",
          "away",
          "waiting for login",
          "waiting for approval",
          "starting",
          "left",
          "failed");

  private final Meters<BridgeView> meters;

  BridgeMeters(MeterRegistry registry, BridgeView bridge) {
    this.meters = new Meters<>(registry, Tags.empty(), bridge);
    bridge(bridge);
    loops(bridge);
    process();
    collectors();
  }

  void show(BridgeView bridge) {
    meters.show(bridge);
  }

  private void bridge(BridgeView first) {
    meters.gauge(
        "bridge.build",
        "Always 1; its labels say what runs.",
        Tags.of("version", first.version(), "crypto", first.crypto()),
        bridge -> 1);
    for (String state : STATES) {
      meters.gauge(
          "bridge.devices",
          "Devices by state.",
          Tags.of("state", state),
          bridge ->
              bridge.devices().stream().filter(device -> device.state().equals(state)).count());
    }
    meters
        .gauge(
            "bridge.under.load",
            "1 while handshakes pile up and senders must prove their address, else 0.",
            bridge -> bridge.underLoad() ? 1 : 0)
        .gauge(
            "bridge.unknown.keys",
            "Public keys that wanted to connect lately and are no device's, at most 32.",
            bridge -> bridge.unknownKeys().size());
    for (DropReason drop : DropReason.values()) {
      String reason = drop.name().toLowerCase(Locale.ROOT);
      meters.counter(
          "bridge.drops",
          "Datagrams and packets that the WireGuard side dropped, those of devices included.",
          Tags.of("reason", reason),
          bridge -> bridge.drops().getOrDefault(reason, 0L));
    }
  }

  private void loops(BridgeView first) {
    for (int i = 0; i < first.loops().size(); i++) {
      int loop = i;
      Tags tags = Tags.of("loop", String.valueOf(loop));
      meters
          .gauge(
              "bridge.loop.pending.tasks",
              "Work that was handed to the event loop and that it has not begun.",
              tags,
              bridge -> loop(bridge, loop).pendingTasks())
          .gauge(
              "bridge.loop.delay.seconds",
              "How long the event loop took to begin what it was asked for this scrape.",
              tags,
              bridge -> loop(bridge, loop).delayMillis() / 1e3);
    }
  }

  private static LoopView loop(BridgeView bridge, int number) {
    return bridge.loops().get(number);
  }

  private void process() {
    meters
        .gauge(
            "process.start.time.seconds",
            "When the bridge started, Unix time.",
            bridge -> Instant.parse(bridge.startedAt()).getEpochSecond())
        .counter(
            "process.cpu.seconds",
            "Processor time of the whole process.",
            bridge ->
                ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis()
                    / 1e3)
        .gauge(
            "process.resident.memory.bytes",
            "Memory of the whole process, as Linux counts it.",
            bridge -> bridge.process().residentBytes())
        .gauge(
            "process.open.fds", "Open file descriptors.", bridge -> bridge.process().descriptors())
        .gauge(
            "bridge.go.heap.bytes",
            "Live memory of the tailnet nodes' Go library; NaN while it is not loaded.",
            bridge -> orNaN(bridge.process().goHeapBytes()))
        .counter(
            "bridge.sidecar.restarts",
            "How often another sidecar took the place of one that ended.",
            bridge -> {
              SidecarView sidecar = bridge.process().sidecar();
              return sidecar == null ? 0 : sidecar.restarts();
            })
        .gauge(
            "bridge.sidecar.resident.memory.bytes",
            "Memory of the sidecar's process, as Linux counts it; NaN without one.",
            bridge -> {
              SidecarView sidecar = bridge.process().sidecar();
              return orNaN(sidecar == null ? null : sidecar.residentBytes());
            })
        .gauge(
            "bridge.go.goroutines",
            "Goroutines of the Go library; NaN while it is not loaded.",
            bridge -> orNaN(bridge.process().goroutines()));
  }

  /** Not Micrometer's own, whose set of metrics depends on the collector and on the past. */
  private void collectors() {
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      Tags tags = Tags.of("gc", gc.getName());
      meters
          .counter(
              "jvm.gc.collections",
              "Garbage collections of the JVM.",
              tags,
              bridge -> Math.max(0, gc.getCollectionCount()))
          .counter(
              "jvm.gc.collection.seconds",
              "Time that they took.",
              tags,
              bridge -> Math.max(0, gc.getCollectionTime()) / 1e3);
    }
  }

  private static double orNaN(@Nullable Number number) {
    return number == null ? Double.NaN : number.doubleValue();
  }
}
