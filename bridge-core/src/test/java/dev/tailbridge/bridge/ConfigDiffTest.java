package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a reload does, from two texts. */
final class ConfigDiffTest {
  private static final String HEAD = "[tailnet.home]\nauth_key = \"a\"\n";

  private static BridgeConfig config(String... parts) throws Exception {
    return ConfigReader.check(Path.of("devices.toml"), String.join("\n", parts), name -> null)
        .config();
  }

  private static String device(String name, int key, String... more) {
    byte[] bytes = new byte[32];
    bytes[1] = (byte) key;
    return """
    [[device]]
    name = "%s"
    public_key = "%s"
    address = "10.6.0.%s"
    %s
    """
        .formatted(
            name, PrivateKey.of(bytes).publicKey().toBase64(), key + 1, String.join("\n", more));
  }

  private static List<String> names(List<DeviceSection> devices) {
    return devices.stream().map(DeviceSection::name).toList();
  }

  @Test
  void theSameInAnotherOrderAndWithCommentsIsNothing() throws Exception {
    ConfigDiff diff =
        ConfigDiff.of(
            config(HEAD, device("a", 1), device("b", 2)),
            config(device("b", 2), "# moved", device("a", 1), HEAD));
    assertThat(diff.concernsDevices()).isFalse();
    assertThat(diff.needRestart()).isEmpty();
    assertThat(names(diff.target().devices())).containsExactly("b", "a");
  }

  @Test
  void devicesComeGoAndChange() throws Exception {
    ConfigDiff diff =
        ConfigDiff.of(
            config(HEAD, device("a", 1), device("b", 2), device("c", 3)),
            config(HEAD, device("a", 1), device("new-name", 2), device("d", 4)));
    assertThat(names(diff.added())).containsExactly("d");
    assertThat(names(diff.changed())).containsExactly("new-name");
    assertThat(names(diff.removed())).containsExactly("c");
    assertThat(names(diff.target().devices())).containsExactly("a", "new-name", "d");
  }

  @Test
  void rulesAndServersAreThoseOfTheNextFile() throws Exception {
    String rule =
        "[[gateway]]\nmode = \"ingress\"\nlisten = \"127.0.0.1:%s\"\ntarget = \"10.8.0.1:80\"";
    String office =
        device("office", 2, "endpoint = \"%s:51820\"", "allowed_ips = [\"10.8.0.0/24\"]")
            .replace("address = \"10.6.0.3\"", "local_addresses = [\"10.8.0.2\"]");
    BridgeConfig next =
        config(HEAD, device("a", 1), office.formatted("moved.example.net"), rule.formatted(81));
    ConfigDiff diff =
        ConfigDiff.of(
            config(HEAD, device("a", 1), office.formatted("vpn.example.net"), rule.formatted(80)),
            next);
    assertThat(diff.concernsDevices()).isFalse();
    assertThat(diff.needRestart()).isEmpty();
    assertThat(diff.target().uplinks()).isEqualTo(next.uplinks()).hasSize(1);
    assertThat(diff.target().gateways()).isEqualTo(next.gateways()).hasSize(1);
  }

  @Test
  void aDefaultChangesTheDevicesThatHaveIt() throws Exception {
    ConfigDiff diff =
        ConfigDiff.of(
            config(HEAD, device("a", 1), device("b", 2, "hold = \"3s\"")),
            config(
                HEAD,
                "[defaults]\nhold = \"5s\"",
                device("a", 1),
                device("b", 2, "hold = \"3s\"")));
    assertThat(names(diff.changed())).containsExactly("a");
  }

  @Test
  void whatNeedsARestartIsSaidAgainAndAgainAndStaysAsItWas() throws Exception {
    BridgeConfig inForce = config(HEAD, device("a", 1));
    BridgeConfig next =
        config(
            "[bridge]\nlog = \"debug\"\n[admin]\nlisten = \"127.0.0.1:9\"",
            HEAD.replace("\"a\"", "\"b\""),
            "[tailnet.work]",
            device("a", 1, "tailnet = \"home\""),
            device("b", 2, "tailnet = \"work\""));
    ConfigDiff diff = ConfigDiff.of(inForce, next);
    assertThat(diff.needRestart()).containsExactly("[bridge]", "[admin]", "[tailnet.home]");
    assertThat(names(diff.added())).containsExactly("b");
    assertThat(diff.changed()).isEmpty();
    assertThat(diff.target().tailnets().get("home")).isEqualTo(inForce.tailnets().get("home"));
    assertThat(diff.target().tailnets()).containsKey("work");
    assertThat(ConfigDiff.of(diff.target(), next).needRestart()).isEqualTo(diff.needRestart());
  }

  @Test
  void anotherNetworkLeavesTheDevicesAlone() throws Exception {
    BridgeConfig inForce = config(HEAD, device("a", 1));
    ConfigDiff diff =
        ConfigDiff.of(inForce, config("[bridge]\nnetwork = \"10.6.0.0/16\"", HEAD, device("b", 2)));
    assertThat(diff.concernsDevices()).isFalse();
    assertThat(diff.needRestart()).containsExactly("[bridge]");
    assertThat(diff.target()).isEqualTo(inForce);
  }
}
