package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.Sabotage;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ways in which the embedded Go code ends a bridge, and what its supervisor is told. */
@SideBySide
class GoEndIT {

  @TempDir Path folder;

  private interface Fault {
    void strike(BridgeProcess bridge) throws Exception;
  }

  /** The log of a bridge with a node that runs, and then had this fault. */
  private String endOf(int code, Fault fault) throws Exception {
    try (LabControl control = new LabControl(folder)) {
      BridgeFiles files =
          new BridgeFiles(folder)
              .tailnet("home", control, control.authKey("me"))
              .device(new LabDevice("greenhouse", "10.6.0.2"), "home");
      try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        bridge.awaitDevice("greenhouse", "running", GoEndIT::runs);
        fault.strike(bridge);
        assertThat(bridge.process().waitFor(60, TimeUnit.SECONDS)).as(bridge.log()).isTrue();
        assertThat(bridge.process().exitValue()).as(bridge.log()).isEqualTo(code);
        return bridge.log();
      }
    }
  }

  /** One in a thread of Go, which nothing of ours can catch, ends it as a panic there does. */
  @Test
  void aFaultThatNobodyCatchesEndsItBySigabrtAndTheTraceIsOnFile() throws Exception {
    endOf(128 + 6, bridge -> Sabotage.fault(bridge.process().pid(), "tailbridge-go"));
    assertThat(Files.readString(folder.resolve("state/go-crash.log")))
        .contains("SIGFPE", "goroutine ", "node.(*Node).run");
  }

  @Test
  void aControlPairThatEndsEndsItInGoodOrderWithCode6() throws Exception {
    String log =
        endOf(
            6,
            bridge ->
                assumeTrue(
                    Sabotage.cutUnixSockets(bridge.process().pid()) > 0,
                    "needs Linux 5.6, and leave to take a child's descriptors (pidfd_getfd)"));
    assertThat(log).contains("INFO  ended").doesNotContain("\tat ");
  }

  private static boolean runs(JsonObject device) {
    return device.has("nodeState") && device.get("nodeState").getAsString().equals("Running");
  }
}
