package dev.tailbridge.journeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.lab.Binaries;
import dev.tailbridge.lab.BridgeFiles;
import dev.tailbridge.lab.BridgeProcess;
import dev.tailbridge.lab.BridgeRun;
import dev.tailbridge.lab.FakeTailscaleApi;
import dev.tailbridge.lab.Headscale;
import dev.tailbridge.lab.LabControl;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.lab.SideBySide;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How nodes get into their tailnet, and back in: by a person, an OAuth client, an auth key. */
@SideBySide
class LoginsIT {

  @TempDir Path folder;

  private final LabDevice greenhouse = new LabDevice("greenhouse", "10.6.0.2");

  @Test
  void aPersonLogsANodeInAndARestartAsksNobody() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files = files().tailnetWithoutKey("home", control).device(greenhouse, "home");
      String address;
      try (BridgeProcess bridge = start(files)) {
        control.user("alice");
        control.login(awaitLoginUrl(bridge), "alice");
        JsonObject up = awaitRunning(bridge);
        address = address(up);
        assertThat(up.has("loginUrl")).as("nobody is to log in any more").isFalse();
        assertThat(up.get("tailnetName").getAsString()).isEqualTo("greenhouse.bridge.test");
      }
      try (BridgeProcess again = start(files)) {
        assertThat(address(awaitRunning(again))).isEqualTo(address);
        assertThat(again.log().split("somebody must log its node in", -1))
            .as("one of both runs")
            .hasSize(2);
      }
    }
  }

  @Test
  void aPersonLogsANodeInAtTailscalesOwnTestServer() {
    try (LabControl control = LabControl.requiringLogin(folder)) {
      BridgeFiles files = files().tailnetWithoutKey("home", control).device(greenhouse, "home");
      try (BridgeProcess bridge = start(files)) {
        String url = awaitLoginUrl(bridge);
        assertThat(status(files)).contains("waiting for login", "greenhouse: log in at " + url);
        control.login(url);
        awaitRunning(bridge);
        assertThat(status(files)).doesNotContain(url);
      }
    }
  }

  @Test
  void anOauthClientIsAskedOnceForALife() {
    try (LabControl control = new LabControl(folder);
        FakeTailscaleApi api = new FakeTailscaleApi(control.authKey("me"))) {
      BridgeFiles files = withOauthClient(control, api);
      String address;
      try (BridgeProcess bridge = start(files)) {
        address = address(awaitRunning(bridge));
      }
      assertThat(api.tokensAskedWith()).singleElement().asString().contains("tskey-client-k1-s");
      assertThat(api.keysAskedFor())
          .singleElement()
          .asString()
          .contains(
              "\"ephemeral\":false",
              "\"preauthorized\":true",
              "\"tags\":[\"tag:esp32\"]",
              "\"reusable\":false");
      try (BridgeProcess again = start(files)) {
        assertThat(address(awaitRunning(again))).isEqualTo(address);
        assertThat(api.tokensAskedWith()).as("it had its identity").hasSize(1);
        assertThat(again.log()).doesNotContain("tskey-client-k1-s");
      }
    }
  }

  /** A control server that does not care for keys makes a client secret fail. */
  @Test
  void aClientSecretIsTriedOnceMoreWhenTheIdentityIsNotTakenAndThenAPersonIsAsked() {
    try (LabControl control = LabControl.requiringLogin(folder);
        FakeTailscaleApi api = new FakeTailscaleApi(control.authKey("me"))) {
      BridgeFiles files = withOauthClient(control, api);
      try (BridgeProcess bridge = start(files)) {
        bridge.awaitDevice(
            "greenhouse",
            "asking a person after two keys",
            d -> api.keysAskedFor().size() == 2 && d.has("loginUrl"));
        control.login(awaitLoginUrl(bridge));
        awaitRunning(bridge);
      }
      try (BridgeProcess again = start(files)) {
        String address = address(awaitRunning(again));
        assertThat(api.keysAskedFor()).as("it had its identity").hasSize(2);
        control.process().ask("expire " + address, Duration.ofSeconds(60));
        again.awaitDevice("greenhouse", "renewed", d -> api.keysAskedFor().size() == 3);
      }
    }
  }

  private BridgeFiles withOauthClient(LabControl control, FakeTailscaleApi api) {
    return files()
        .tailnetWithoutKey("home", control)
        .line("oauth_client_secret = \"tskey-client-k1-s?baseURL=" + api.url() + "\"")
        .line("tags = [\"tag:esp32\"]")
        .device(greenhouse, "home");
  }

  @Test
  void aKeyThatEndsIsToldAheadAndTheAuthKeyRenewsIt() {
    try (Headscale control = Headscale.prompt(folder)) {
      BridgeFiles files =
          files().tailnet("home", control, control.authKey("me")).device(greenhouse, "home");
      try (BridgeProcess bridge = start(files)) {
        String address = address(awaitRunning(bridge));
        control.expire("greenhouse", Instant.now().plus(Duration.ofDays(5)));
        JsonObject told = bridge.awaitDevice("greenhouse", "told", LoginsIT::hasKeyFinding);
        assertThat(told.has("keyExpiry")).isTrue();
        assertThat(status(files)).contains("greenhouse: the key of its tailnet node ends on ");
        assertThat(bridge.log()).contains("the bridge then logs it in again");

        control.expire("greenhouse", Instant.now().minusSeconds(60));
        bridge.awaitDevice("greenhouse", "out", d -> !isRunning(d));
        JsonObject back =
            bridge.awaitDevice("greenhouse", "back", d -> isRunning(d) && !hasKeyFinding(d));
        assertThat(address(back)).isEqualTo(address);
        assertThat(control.nodes()).as("the same machine").hasSize(1);
      }
    }
  }

  @Test
  void aKeyThatEndedShowsALoginUrlWhereThereIsNoAuthKey() {
    try (Headscale control = Headscale.prompt(folder)) {
      control.user("alice");
      BridgeFiles files = files().tailnetWithoutKey("home", control).device(greenhouse, "home");
      try (BridgeProcess bridge = start(files)) {
        control.login(awaitLoginUrl(bridge), "alice");
        String address = address(awaitRunning(bridge));
        control.expire("greenhouse", Instant.now().minusSeconds(60));
        String url = awaitLoginUrl(bridge);
        assertThat(status(files))
            .contains("waiting for login", "ended on ", "log it in again at the login URL", url);
        control.login(url, "alice");
        assertThat(address(awaitRunning(bridge))).isEqualTo(address);
        assertThat(control.nodes()).as("the same machine").hasSize(1);
      }
    }
  }

  private BridgeFiles files() {
    return new BridgeFiles(folder.resolve("bridge"));
  }

  private static BridgeProcess start(BridgeFiles files) {
    return BridgeProcess.start(files, BridgeProcess.LOOPBACK_ONLY);
  }

  private static String awaitLoginUrl(BridgeProcess bridge) {
    return bridge
        .awaitDevice("greenhouse", "waiting for a login", d -> d.has("loginUrl"))
        .get("loginUrl")
        .getAsString();
  }

  private static JsonObject awaitRunning(BridgeProcess bridge) {
    return bridge.awaitDevice("greenhouse", "in its tailnet", LoginsIT::isRunning);
  }

  private static boolean isRunning(JsonObject device) {
    return device.has("nodeState")
        && device.get("nodeState").getAsString().equals("Running")
        && !device.get("tailnetAddresses").getAsJsonArray().isEmpty();
  }

  private static boolean hasKeyFinding(JsonObject device) {
    for (JsonElement finding : device.get("findings").getAsJsonArray()) {
      if (finding.getAsJsonObject().get("kind").getAsString().equals("key_expiry")) {
        return true;
      }
    }
    return false;
  }

  private static String address(JsonObject device) {
    return device.get("tailnetAddresses").getAsJsonArray().get(0).getAsString();
  }

  /** What {@code bridge status} prints. */
  private static String status(BridgeFiles files) {
    String file = files.folder().resolve("devices.toml").toString();
    return BridgeRun.of(Binaries.bridgeJar(), List.of("status", "--config", file)).output();
  }
}
