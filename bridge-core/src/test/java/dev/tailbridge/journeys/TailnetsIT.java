package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One bridge in two tailnets, each a Headscale of its own, with machines of several sorts. */
@SideBySide
class TailnetsIT {

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
  private final LabDevice doorbell = new LabDevice("doorbell", "10.6.0.3");
  private final LabDevice guest = new LabDevice("guest", "10.6.0.4");

  @Test
  void eachDeviceIsInItsOwnTailnetAndAnEphemeralOneLeavesNothing() {
    try (Headscale home = Headscale.prompt(folder.resolve("a"));
        Headscale work = Headscale.prompt(folder.resolve("b"))) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", home, home.authKey("alice"))
              .tailnet("work", work, work.taggedKey("tag:esp32"))
              .device(greenhouse, "home")
              .device(
                  guest,
                  "home",
                  "ephemeral = true",
                  "auth_key = \"" + home.ephemeralKey("bob") + "\"")
              .device(doorbell, "work");
      String stays;
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        stays = awaitAddress(bridge, "greenhouse");
        awaitAddress(bridge, "doorbell");
        awaitAddress(bridge, "guest");
        assertThat(home.node("greenhouse")).isPresent();
        assertThat(home.node("guest")).isPresent();
        assertThat(home.nodes()).hasSize(2);
        JsonObject tagged = work.node("doorbell").orElseThrow();
        assertThat(tagged.toString()).contains("tag:esp32");
        assertThat(work.nodes()).hasSize(1);
        assertThat(bridge.terminate(Duration.ofSeconds(30))).isIn(0, 143);
      }
      // If it had not logged out, it would go after two minutes of silence.
      await("it logged out")
          .atMost(Duration.ofSeconds(60))
          .until(() -> home.node("guest").isEmpty());
      assertThat(home.node("greenhouse")).isPresent();
      try (BridgeProcess again = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        assertThat(awaitAddress(again, "greenhouse")).isEqualTo(stays);
        awaitAddress(again, "guest");
        assertThat(home.node("guest")).as("a new machine").isPresent();
      }
    }
  }

  private static String awaitAddress(BridgeProcess bridge, String name) {
    return bridge
        .awaitDevice(
            name,
            "running",
            d ->
                d.has("nodeState")
                    && d.get("nodeState").getAsString().equals("Running")
                    && !d.get("tailnetAddresses").getAsJsonArray().isEmpty())
        .get("tailnetAddresses")
        .getAsJsonArray()
        .get(0)
        .getAsString();
  }
}
