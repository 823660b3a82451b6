package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.Answers;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabClient;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that cannot start, or may not yet, is tried again, and is the only one that suffers. */
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

  @Test
  void nodesThatTheControlServerLetsWaitSaySoAndComeByThemselvesAndDisturbNobody() {
    LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
    try (LabControl control = new LabControl(folder);
        LabClient laptop = new LabClient(control, "me", "laptop", false, folder)) {
      BridgeFiles files =
          new BridgeFiles(folder.resolve("bridge"))
              .tailnet("home", control, control.authKey("me"))
              .device(greenhouse, "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
          LabDevice chip = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
        bridge.awaitOnline("greenhouse");
        laptop.meet("greenhouse");
        final long began = System.nanoTime();
        control.slowDown(1);
        List<String> late = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          late.add("late-" + i);
          files.device(new LabDevice("late-" + i, "10.6.0." + (10 + i)), "home");
        }
        files.write();
        for (String name : late) {
          bridge.awaitDevice(name, "told to wait", NodeRecoveryIT::waitsForTheControlServer);
        }
        assertThat(Answers.fine(laptop.ask("get http://greenhouse/"))).isTrue();
        int refused = control.slowDown(0);
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf("told to wait: %d times in %.1f s%n", refused, seconds);
        assertThat(refused / (double) late.size())
            .as("each asked about once a second, for %.1f s", seconds)
            .isBetween(1.0, 2 + seconds);
        for (String name : late) {
          bridge.awaitDevice(name, "running", NodeRecoveryIT::runs);
        }
        assertThat(control.slowDown(0)).as("nobody was refused since").isEqualTo(refused);
        assertThat(bridge.device("greenhouse").get("state").getAsString()).isEqualTo("online");
        assertThat(chip.port()).isPositive();
      }
    }
  }

  private static boolean waitsForTheControlServer(JsonObject device) {
    return device.has("state")
        && device.get("state").getAsString().equals("starting")
        && device
            .get("reason")
            .getAsString()
            .startsWith("the control server asks to slow down: the node asks again after 1s");
  }

  private static boolean runs(JsonObject device) {
    return device.has("nodeState") && device.get("nodeState").getAsString().equals("Running");
  }
}
