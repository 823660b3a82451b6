package dev.tailbridge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The admin side of a running bridge: token, events, reload, and that nothing tells a secret. */
@SideBySide
class AdminIT {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String TOKEN = "0123456789abcdef-of-admin";

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir Path folder;

  @Test
  @Timeout(180)
  void whoBearsTheTokenSeesAndReloadsAndFindsNoSecret() throws Exception {
    String bridgeKey = PrivateKey.generate(RANDOM).toBase64();
    String psk = PresharedKey.generate(RANDOM).toBase64();
    LabDevice chip = new LabDevice("chip", "10.6.0.2");
    LabDevice late = new LabDevice("late", "10.6.0.4");
    BridgeFiles files =
        new BridgeFiles(folder)
            .bridge("private_key = \"" + bridgeKey + "\"")
            .bridge("log = \"debug\"")
            .admin("token = \"" + TOKEN + "\"")
            .line("[tailnet.unused]")
            .line("control_url = \"http://127.0.0.1:1\"")
            .line("auth_key = \"hskey-auth-secret1-secret1\"")
            .line("api_key = \"hskey-api-secret2-secret2\"")
            .device(chip, "none", "preshared_key = \"" + psk + "\"");
    try (BridgeProcess bridge = BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY)) {
      assertThat(ask(files, "GET", "/api/v1/status", "none").statusCode()).isEqualTo(401);
      HttpResponse<InputStream> events =
          client.send(
              request(files, "/api/v1/events", TOKEN).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
        assertThat(next(lines)).contains("event: devices", "\"name\":\"chip\"");

        files.device(late, "none").write();
        BridgeRun reload =
            BridgeRun.of(
                Binaries.bridgeJar(),
                List.of("reload", "--config", folder.resolve("devices.toml").toString()));
        assertThat(reload.code()).isZero();
        // The bridge's own look at its file may have come first.
        assertThat(reload.output()).containsAnyOf("added late", "no device changed");
        assertThat(next(lines)).contains("event: device\n", "\"name\":\"late\"");

        files.write("[admin]\nlissten = 1\n");
        HttpResponse<String> refused = ask(files, "POST", "/api/v1/reload", TOKEN);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("unknown key \\\"lissten\\\"");
      }
      for (String path :
          List.of(
              "/",
              "/metrics",
              "/health",
              "/none",
              "/api/v1/status",
              "/api/v1/devices",
              "/api/v1/devices/chip",
              "/api/v1/devices/chip/peers",
              "/api/v1/openapi.json")) {
        assertNoSecret(ask(files, "GET", path, TOKEN).body(), bridgeKey, psk);
      }
      assertNoSecret(bridge.log(), bridgeKey, psk);
    }
  }

  private static void assertNoSecret(String text, String bridgeKey, String psk) {
    assertThat(text).isNotEmpty().doesNotContain(TOKEN, "secret1", "secret2", bridgeKey, psk);
  }

  /** The lines of one event; those that only say that the stream lives are none. */
  private static String next(BufferedReader lines) throws Exception {
    String event;
    do {
      event = block(lines);
    } while (event.startsWith(":"));
    return event;
  }

  private static String block(BufferedReader lines) throws Exception {
    StringBuilder block = new StringBuilder();
    for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
      block.append(line).append('\n');
    }
    return block.toString();
  }

  private HttpResponse<String> ask(BridgeFiles files, String method, String path, String token)
      throws Exception {
    return client.send(
        request(files, path, token).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(BridgeFiles files, String path, String token) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + files.adminPort() + path))
        .header("Authorization", "Bearer " + token);
  }
}
