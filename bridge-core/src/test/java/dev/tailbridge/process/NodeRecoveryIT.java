package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that cannot start is tried again, and is the only one that suffers. */
@SideBySide
class NodeRecoveryIT {

  @TempDir Path folder;

  @Test
  void aNodeWhoseStateCannotBeReadIsTriedAgainUntilItCan() throws Exception {
    LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
    LabDevice doorbell = new LabDevice("doorbell", "10.6.0.3");
    Path state = folder.resolve("state/nodes/home/greenhouse/tailscaled.state");
    Files.createDirectories(state);
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder)
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home")
              .device(doorbell, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        JsonObject broken =
            bridge.awaitDevice(
                "greenhouse", "failed", d -> d.get("state").getAsString().equals("failed"));
        assertThat(broken.get("reason").getAsString()).contains("tailscaled.state");
        bridge.awaitDevice("doorbell", "running", NodeRecoveryIT::runs);
        Files.delete(state);
        bridge.awaitDevice("greenhouse", "running", NodeRecoveryIT::runs);
        assertThat(bridge.log()).contains("starts again in");
      }
    }
  }

  private static boolean runs(JsonObject device) {
    return device.has("nodeState") && device.get("nodeState").getAsString().equals("Running");
  }
}
