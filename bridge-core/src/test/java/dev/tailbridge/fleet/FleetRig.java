package dev.tailbridge.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabFleet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A fleet of simulated chips, each with its node on a real Headscale whose policy hides them from
 * each other, and a laptop that may call them all.
 */
final class FleetRig implements AutoCloseable {

  /** What README recommends. */
  private static final String FLAGS =
      System.getProperty("fleet.bridge", "-XX:+UseSerialGC -Xms32m -Xmn16m -Xmx256m");

  /** Words before the JVM's, as in {@code taskset -c 0}. */
  private static final String BEFORE = System.getProperty("fleet.before", "");

  private final int devices;
  private final Headscale control;
  private final LabClient laptop;
  private final LabFleet fleet;
  private final BridgeFiles files;

  FleetRig(int devices, Path folder) {
    this.devices = devices;
    control = new Headscale(folder);
    laptop = new LabClient(control, "people", "laptop", false, folder);
    fleet = LabFleet.start(devices, folder);
    String key = control.authKey("devices");
    // A rule whose sources are no machines hides nothing in Headscale: hence the laptop.
    control.hideDevices("people", "devices");
    files =
        new BridgeFiles(folder).tailnet("home", control, key).bridge("network = \"10.6.0.0/16\"");
    for (LabFleet.Member member : fleet.members()) {
      files.device(name(member), member.publicKey(), member.address(), "home");
    }
  }

  private static String name(LabFleet.Member member) {
    return "chip-" + member.address().replace('.', '-');
  }

  /** Their names, in the order of the file. */
  List<String> names() {
    return fleet.members().stream().map(FleetRig::name).toList();
  }

  Headscale control() {
    return control;
  }

  LabClient laptop() {
    return laptop;
  }

  BridgeFiles files() {
    return files;
  }

  BridgeProcess start() {
    List<String> words = new ArrayList<>();
    if (!BEFORE.isEmpty()) {
      words.addAll(List.of(BEFORE.split(" ")));
    }
    words.add(BridgeProcess.currentJava());
    words.addAll(List.of(FLAGS.split(" ")));
    return BridgeProcess.start(
        files, words, Binaries.bridgeJar(), BridgeProcess.LOOPBACK_ONLY, limit());
  }

  /** Switches the chips on; returns when each has a session. */
  void connect(BridgeProcess bridge) {
    fleet.server(
        bridge.publicKey(),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), files.wireGuardPort()));
    assertThat(fleet.ask("connect wait=60").get("up").getAsInt()).isEqualTo(devices);
  }

  /** Waits until all devices are online, or fails; a shared machine may be slow. */
  void awaitOnline(BridgeProcess bridge) {
    await(() -> online(bridge) + " of " + devices + " online", () -> online(bridge) == devices);
  }

  /** Waits until something is so; {@code state} says how it is when it does not become so. */
  void await(Supplier<String> state, BooleanSupplier wished) {
    long deadline = System.nanoTime() + limit().toNanos();
    while (!wished.getAsBoolean()) {
      assertThat(System.nanoTime()).as(state).isLessThan(deadline);
      pause(Duration.ofMillis(Math.max(100, devices)));
    }
  }

  private Duration limit() {
    return Duration.ofSeconds(60 + devices / 2);
  }

  static int online(BridgeProcess bridge) {
    int online = 0;
    for (JsonElement device : devices(bridge)) {
      if (device.getAsJsonObject().get("state").getAsString().equals("online")) {
        online++;
      }
    }
    return online;
  }

  private static JsonArray devices(BridgeProcess bridge) {
    return bridge.status().getAsJsonArray("devices");
  }

  static boolean isThere(BridgeProcess bridge, String name) {
    for (JsonElement device : devices(bridge)) {
      if (device.getAsJsonObject().get("name").getAsString().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The address in the tailnet of each device that has one, by name. */
  static Map<String, String> addresses(BridgeProcess bridge) {
    Map<String, String> addresses = new TreeMap<>();
    for (JsonElement element : devices(bridge)) {
      JsonObject device = element.getAsJsonObject();
      JsonArray own = device.getAsJsonArray("tailnetAddresses");
      if (!own.isEmpty()) {
        addresses.put(device.get("name").getAsString(), own.get(0).getAsString());
      }
    }
    return addresses;
  }

  /** The passing of time is what is measured here. */
  static void pause(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  @Override
  public void close() {
    fleet.close();
    laptop.close();
    control.close();
  }
}
