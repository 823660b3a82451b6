package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real panic in Tailscale's code, which has one for whoever calls its own control server in a
 * test.
 */
@SideBySide
class GoPanicIT {

  /** This one is in a call of ours; one in a goroutine of Tailscale's would end the process. */
  @Test
  void oneInACallOfOursEndsThatNodeAndIsTriedAgain(@TempDir Path folder) {
    Map<String, String> environment = new HashMap<>(BridgeProcess.LOOPBACK_ONLY);
    environment.put("TS_PANIC_IF_HIT_MAIN_CONTROL", "true");
    BridgeFiles files =
        new BridgeFiles(folder)
            .line("[tailnet.home]")
            .line("auth_key = \"tskey-auth-none\"")
            .device(new LabDevice("greenhouse", "10.6.0.2"), "home");
    try (BridgeProcess bridge = BridgeProcess.start(files, environment)) {
      bridge.awaitDevice(
          "greenhouse",
          "failed",
          device -> device.get("reason").toString().contains("panic in node greenhouse"));
      assertThat(bridge.log()).contains("starts again in");
      assertThat(bridge.process().isAlive()).isTrue();
    }
  }
}
