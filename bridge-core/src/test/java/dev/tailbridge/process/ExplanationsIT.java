package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mistakes that keep a device out: each is named, with what to do. */
@SideBySide
class ExplanationsIT {

  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void whoeverCannotConnectIsToldApart() {
    LabDevice unknown = new LabDevice("unknown", "10.6.0.2");
    LabDevice lost = new LabDevice("lost", "10.6.0.3");
    LabDevice otherPsk = new LabDevice("otherpsk", "10.6.0.4").twentyTimesFaster();
    BridgeFiles files =
        new BridgeFiles(folder)
            .device(lost, "none")
            .device(
                otherPsk,
                "none",
                "preshared_key = \"" + PresharedKey.generate(RANDOM).toBase64() + "\"");
    try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
        unknown;
        lost;
        otherPsk) {
      unknown.start(bridge.publicKey(), files.wireGuardPort(), folder);
      lost.start(PrivateKey.generate(RANDOM).publicKey(), files.wireGuardPort(), folder);
      otherPsk.start(bridge.publicKey(), files.wireGuardPort(), folder);

      await().atMost(SOON).until(() -> !bridge.status().getAsJsonArray("unknownKeys").isEmpty());
      JsonObject seen = bridge.status().getAsJsonArray("unknownKeys").get(0).getAsJsonObject();
      assertThat(seen.get("publicKey").getAsString()).isEqualTo(unknown.publicKey().toBase64());
      assertThat(seen.get("source").getAsString()).startsWith("127.0.0.1:");
      awaitLog(bridge, "unknown public key " + unknown.publicKey().toBase64());

      await().atMost(SOON).until(() -> drops(bridge).has("bad_mac1"));
      assertThat(drops(bridge).has("unknown_key")).isTrue();
      awaitLog(bridge, "for another public key than this bridge's");

      bridge.awaitDevice(
          "otherpsk",
          "explained",
          device -> device.get("findings").toString().contains("preshared keys differ"));
      assertThat(bridge.device("lost").get("findings").toString()).isEqualTo("[]");
    }
  }

  /** What is counted is told a moment later. */
  private static void awaitLog(BridgeProcess bridge, String text) {
    await().atMost(SOON).untilAsserted(() -> assertThat(bridge.log()).contains(text));
  }

  private static JsonObject drops(BridgeProcess bridge) {
    return bridge.status().getAsJsonObject("drops");
  }
}
