package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.FreePorts;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes and metrics of a running bridge, with a real WireGuard and TCP at the other end. */
@SideBySide
class HealthIT {

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir Path folder;

  @Test
  void aChipIsProbedThroughTheTunnel() throws Exception {
    int port = FreePorts.tcp();
    LabDevice chip = new LabDevice("chip", "10.6.0.2");
    LabDevice bare = new LabDevice("bare", "10.6.0.3");
    BridgeFiles files =
        new BridgeFiles(folder)
            .admin("health_listen = \"127.0.0.1:" + port + "\"")
            .device(chip, "none", "health = { port = 80, paths = [\"/\", \"/none\"] }")
            .device(bare, "none");
    try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
        chip;
        bare) {
      assertThat(health(port, "/health").statusCode()).isEqualTo(200);
      assertThat(health(port, "/health?mode=tunnel&device=chip").body())
          .contains("There was no handshake yet");
      assertThat(health(port, "/health?mode=tcp&device=chip&timeout=200ms").statusCode())
          .isEqualTo(503);

      chip.start(bridge.publicKey(), files.wireGuardPort(), folder);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> health(port, "/health?mode=http&device=chip").statusCode() == 200);
      assertThat(health(port, "/health?mode=http&device=chip").body())
          .isEqualTo("OK: it answers with HTTP status 200\n");
      assertThat(health(port, "/health?mode=tcp&device=chip").statusCode()).isEqualTo(200);
      assertThat(health(port, "/health?mode=tunnel&device=chip").statusCode()).isEqualTo(200);
      assertThat(health(port, "/health?mode=http&device=chip&path=/none").body())
          .contains("HTTP status 404");
      assertThat(health(port, "/health?mode=http&device=bare").statusCode()).isEqualTo(404);
      assertThat(health(port, "/api/v1/status").statusCode()).isEqualTo(404);

      assertThat(health(files.adminPort(), "/metrics").body())
          .contains("bridge_device_up{device=\"chip\"} 1.0\n")
          .contains("bridge_device_up{device=\"bare\"} 0.0\n")
          .contains("bridge_handshakes_total{device=\"chip\",result=\"completed\"} 1.0\n");

      chip.close();
      assertThat(health(port, "/health?mode=tcp&device=chip&timeout=300ms").body())
          .contains("\"detail\":\"It did not answer in time.\"");
    }
  }

  private HttpResponse<String> health(int port, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
