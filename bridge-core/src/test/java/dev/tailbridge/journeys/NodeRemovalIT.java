package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device's node leaves its tailnet for good. */
@SideBySide
class NodeRemovalIT {

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice doorbell = new LabDevice("doorbell", "10.6.0.3");

  @Test
  void withAnApiKeyNothingIsLeftOfIt() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          files()
              .tailnet("home", control, control.authKey("me"))
              .line("api_key = \"" + control.apiKey() + "\"")
              .device(greenhouse, "home")
              .device(doorbell, "home");
      String before;
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        before = address(awaitRunning(bridge, "greenhouse"));
        awaitRunning(bridge, "doorbell");
        JsonObject removal = bridge.removeNode("greenhouse");
        assertThat(removal)
            .hasToString(
                "{\"device\":\"greenhouse\",\"machine\":\"greenhouse.bridge.test\","
                    + "\"loggedOut\":true,\"deleted\":true,\"left\":[]}");
        assertThat(control.node("greenhouse")).isEmpty();
        assertThat(control.node("doorbell")).isPresent();
        assertThat(identity("greenhouse")).doesNotExist();
        assertThat(identity("doorbell")).exists();
        JsonObject device = bridge.device("greenhouse");
        assertThat(device.get("state").getAsString()).isEqualTo("left");
        assertThat(device.get("tailnetAddresses").getAsJsonArray()).isEmpty();
        assertThat(bridge.removeNode("greenhouse").get("deleted").getAsBoolean())
            .as("asked again, it is still gone")
            .isTrue();
        assertThat(awaitRunning(bridge, "doorbell").get("nodeState").getAsString())
            .isEqualTo("Running");
      }
      try (BridgeProcess again = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        assertThat(address(awaitRunning(again, "greenhouse")))
            .as("its block is still there, so it is a new machine")
            .isNotEqualTo(before);
      }
    }
  }

  @Test
  void aDeviceThatIsRemovedTakesItsMachineAlong() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          files()
              .tailnet("home", control, control.authKey("me"))
              .line("api_key = \"" + control.apiKey() + "\"")
              .device(greenhouse, "home")
              .device(doorbell, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        awaitRunning(bridge, "greenhouse");
        awaitRunning(bridge, "doorbell");
        String file = files.folder().resolve("devices.toml").toString();
        BridgeRun run =
            BridgeRun.of(
                Binaries.bridgeJar(),
                List.of("device", "remove", "greenhouse", "--yes", "--config", file));
        assertThat(run.code()).as(run.output()).isZero();
        assertThat(run.output())
            .contains(
                "removed greenhouse from " + file,
                "the tailnet node of greenhouse is gone: machine greenhouse.bridge.test was deleted")
            .doesNotContain("left to do");
        assertThat(control.node("greenhouse")).isEmpty();
        assertThat(control.node("doorbell")).isPresent();
      }
    }
  }

  @Test
  void withoutAnApiKeyItIsLoggedOutAndTheRestIsSaid() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          files().tailnet("home", control, control.authKey("me")).device(greenhouse, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        awaitRunning(bridge, "greenhouse");
        String id = control.node("greenhouse").orElseThrow().get("id").getAsString();
        JsonObject removal = bridge.removeNode("greenhouse");
        assertThat(removal.get("loggedOut").getAsBoolean()).isTrue();
        assertThat(removal.get("deleted").getAsBoolean()).isFalse();
        assertThat(removal.get("left").getAsJsonArray())
            .hasToString(
                "[\"delete the machine greenhouse.bridge.test at the control server (headscale"
                    + " nodes delete -i "
                    + id
                    + ") (with an api_key in [tailnet.home] the bridge does that)\"]");
        control.delete("greenhouse"); // by hand, as it says
        assertThat(identity("greenhouse")).doesNotExist();
      }
    }
  }

  @Test
  void aControlServerThatIsAwayIsSaidAndTheMachineIsLeftToPeople() {
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files =
          files().tailnet("home", control, control.authKey("me")).device(greenhouse, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        awaitRunning(bridge, "greenhouse");
        control.process().ask("control stop", Duration.ofSeconds(60));
        JsonObject removal = bridge.removeNode("greenhouse");
        assertThat(removal.get("loggedOut").getAsBoolean()).isFalse();
        assertThat(removal.get("left").toString())
            .contains("delete the machine greenhouse.bridge.test at the control server");
        assertThat(identity("greenhouse")).doesNotExist();
        assertThat(bridge.device("greenhouse").get("state").getAsString()).isEqualTo("left");
        assertThat(bridge.log()).contains("without a logout: ").doesNotContain("is away");
      }
    }
  }

  private BridgeFiles files() {
    return new BridgeFiles(folder.resolve("bridge"));
  }

  private Path identity(String name) {
    return folder.resolve("bridge/state/nodes/home").resolve(name);
  }

  private static JsonObject awaitRunning(BridgeProcess bridge, String name) {
    return bridge.awaitDevice(
        name,
        "running",
        d ->
            d.has("nodeState")
                && d.get("nodeState").getAsString().equals("Running")
                && !d.get("tailnetAddresses").getAsJsonArray().isEmpty());
  }

  private static String address(JsonObject device) {
    return device.get("tailnetAddresses").getAsJsonArray().get(0).getAsString();
  }
}
