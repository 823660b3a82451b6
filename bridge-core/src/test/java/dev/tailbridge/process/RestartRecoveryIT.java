package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What usually keeps a microcontroller out for minutes or for ever. */
class RestartRecoveryIT {

  @TempDir Path folder;

  @Test
  void aDeviceThatRebootsWithAClockAt1970IsBackAtOnce() {
    LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
    BridgeFiles files = new BridgeFiles(folder).device(greenhouse, "none");
    try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
        LabDevice device = greenhouse.start(bridge.publicKey(), files.wireGuardPort(), folder)) {
      assertThat(device.ask("ping 10.6.0.1 timeout=20").get("result").getAsString())
          .isEqualTo("ok");
      device.ask("reboot clock=1970 wait=1");
      assertThat(device.ask("ping 10.6.0.1 timeout=20").get("result").getAsString())
          .isEqualTo("ok");
      assertThat(bridge.log()).contains("connected by a handshake of the bridge's own");
      JsonObject seen = bridge.device("greenhouse");
      assertThat(seen.get("drops").toString()).contains("stale_initiation");
      assertThat(seen.get("rescued").getAsLong()).isPositive();
      assertThat(seen.get("clockBehindSeconds").getAsLong()).isGreaterThan(50L * 365 * 86_400);
      assertThat(seen.get("findings").toString())
          .contains("its clock is at 1970-01-01 00:0", "enable SNTP")
          .containsPattern("rescued (once|\\d+ times)"); // it calls again when it is slow
    }
  }

  @Test
  void aKilledBridgeFindsADeviceThatHasNothingToSay() throws Exception {
    LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");
    BridgeFiles files = new BridgeFiles(folder).device(greenhouse, "none");
    try (LabDevice device = greenhouse) {
      String endpoint;
      try (BridgeProcess first = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        device.start(first.publicKey(), files.wireGuardPort(), folder);
        endpoint =
            first
                .awaitDevice(
                    "greenhouse", "online", d -> d.get("state").getAsString().equals("online"))
                .get("endpoint")
                .getAsString();
        Path state = folder.resolve("state/bridge.json");
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> Files.readString(state).contains(endpoint.split(":")[1]));
        first.process().destroyForcibly().waitFor();
      }
      try (BridgeProcess second = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
        long ready = System.nanoTime();
        var back =
            second.awaitDevice(
                "greenhouse", "online", d -> d.get("state").getAsString().equals("online"));
        // By itself the device would notice after 25 s of keepalive and 15 s of silence.
        assertThat(Duration.ofNanos(System.nanoTime() - ready)).isLessThan(Duration.ofSeconds(20));
        assertThat(back.get("endpoint").getAsString()).isEqualTo(endpoint);
        assertThat(greenhouse.ask("ping 10.6.0.1 timeout=20").get("result").getAsString())
            .isEqualTo("ok");
        assertThat(folder.resolve("state/native"))
            .as("without a tailnet the Go library is not even unpacked")
            .isDirectoryNotContaining(file -> file.toString().contains("libtailbridge"));
      }
    }
  }
}
