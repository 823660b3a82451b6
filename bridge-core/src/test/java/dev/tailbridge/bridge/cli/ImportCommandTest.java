package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.tailbridge.bridge.BridgeKey;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bridge import} and {@code bridge completion}. */
final class ImportCommandTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private final PrivateKey server = PrivateKey.generate(RANDOM);
  private final PresharedKey psk = PresharedKey.generate(RANDOM);
  private final String[] keys = new String[8];

  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws Exception {
    for (int i = 0; i < keys.length; i++) {
      keys[i] = PrivateKey.generate(RANDOM).publicKey().toBase64();
    }
    file = Files.writeString(folder.resolve("devices.toml"), "# mine\n[tailnet.home]\n");
  }

  private Path conf(String text) throws Exception {
    return Files.writeString(folder.resolve("wg0.conf"), text);
  }

  private CommandRun run(Path conf, String... more) {
    String[] words = new String[4 + more.length];
    System.arraycopy(
        new String[] {"import", conf.toString(), "--config", file.toString()}, 0, words, 0, 4);
    System.arraycopy(more, 0, words, 4, more.length);
    return CommandRun.of(words);
  }

  private String server() {
    return """
    [Interface]
    Address = 10.6.0.1/24
    PrivateKey = %s
    ListenPort = 51820
    PostUp = iptables -A FORWARD -i %%i -j ACCEPT; echo x=y

    # Client: Green House (4d3f-11)
    [Peer]
    PublicKey = %s
    PresharedKey = %s
    AllowedIPs = 10.6.0.2/32, fd00::2/128

    [Peer]
    # door.bell
    PublicKey=%s # the new one
    AllowedIPs = 10.6.0.3
    PersistentKeepalive = 25

    ### begin doorbell ###
    [peer]
    AllowedIPs = fd00::4/128
    AllowedIPs = 10.6.0.4/32
    PublicKey = %s
    ### end doorbell ###
    [Peer]
    PublicKey = %s
    AllowedIPs = 10.6.0.5/32
    [Peer]
    PublicKey = %s
    Endpoint = other.example.net:51820
    AllowedIPs = 10.6.0.9/32
    [Peer]
    PublicKey = %s
    AllowedIPs = 192.168.1.0/24, 10.6.0.0/24
    [Peer]
    AllowedIPs = 10.6.0.10/32
    [Peer]
    PublicKey = %s
    AllowedIPs = 10.6.0.2/32
    """
        .formatted(
            server.toBase64(),
            keys[0],
            psk.toBase64(),
            keys[1],
            keys[2],
            keys[3],
            keys[4],
            keys[5],
            keys[6]);
  }

  @Test
  void peersBecomeDevicesWithTheirKeysAndAddresses() throws Exception {
    CommandRun run = run(conf(server()));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .containsExactly(
            "added green-house with 10.6.0.2",
            "added door-bell with 10.6.0.3",
            "added doorbell with 10.6.0.4",
            "added device-10-6-0-5 with 10.6.0.5");
    assertThat(run.err().lines())
        .containsExactly(
            "the [Peer] in line 28: it has an Endpoint, so it does not dial in",
            "the [Peer] in line 32: none of its AllowedIPs is one address of 10.6.0.0/24",
            "the [Peer] in line 35: it has no PublicKey",
            "the [Peer] in line 37: 10.6.0.2 is taken by another device",
            "the bridge has the server's key now");
    BridgeConfig config = config();
    assertThat(config.devices().stream().map(d -> d.publicKey().toBase64()))
        .containsExactly(keys[0], keys[1], keys[2], keys[3]);
    assertThat(config.devices().get(0).presharedKey()).isEqualTo(psk);
    assertThat(config.devices().get(1).presharedKey()).isNull();
    assertThat(BridgeKey.of(config)).isEqualTo(server.publicKey());
    assertThat(Files.readString(file)).startsWith("# mine\n[tailnet.home]\n\n[[device]]\n");
  }

  @Test
  void aSecondTimeAddsNothing() throws Exception {
    run(conf(server()));
    String before = Files.readString(file);
    CommandRun again = run(conf(server()), "--json");
    assertThat(again.code()).isZero();
    assertThat(JsonParser.parseString(again.out()).getAsJsonObject().get("added").getAsJsonArray())
        .isEmpty();
    assertThat(again.out()).contains("its key is that of a device that is there");
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void aBridgeWithAKeyOfItsOwnKeepsIt() throws Exception {
    var own = BridgeKey.of(config());
    CommandRun run = run(conf(server()), "--tailnet", "none");
    assertThat(run.err())
        .endsWith(
            "the devices know the server's key, and the bridge has another: put the server's"
                + " PrivateKey into a file and name that as private_key_file in [bridge]\n");
    assertThat(BridgeKey.of(config())).isEqualTo(own);
    assertThat(config().devices().get(0).tailnet()).isNull();
  }

  @Test
  void whatIsNoSuchFileIsOneLine() throws Exception {
    assertThat(run(folder.resolve("none.conf")).err())
        .isEqualTo(
            "bridge: "
                + folder.resolve("none.conf")
                + " cannot be read as text; is it the right file?\n");
    CommandRun bad = run(conf("[Peer]\nPublicKey = " + psk.toBase64().substring(1) + "\n"));
    assertThat(bad.code()).isEqualTo(1);
    assertThat(bad.err())
        .startsWith("bridge: " + folder.resolve("wg0.conf") + ", line 2: ")
        .doesNotContain(psk.toBase64().substring(1))
        .hasLineCount(1);
    assertThat(run(conf("what is this")).err()).contains("line 1: neither a [Section] nor");
    assertThat(config().devices()).isEmpty();
  }

  @Test
  void completionKnowsTheCommandsAndFormats() {
    CommandRun run = CommandRun.of("completion");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("complete -F _complete_bridge", "doctor", "wg-quick", "tasmota");
  }

  private BridgeConfig config() throws Exception {
    return ConfigReader.read(file, name -> null).config();
  }

  @Test
  void machinesOfEsp32TailbridgeComeAlong() throws Exception {
    Files.writeString(
        file, "[tailnet.home]\ncontrol_url = \"https://hs.example.net\"\nauth_key = \"x\"\n");
    Path states = Files.createDirectory(folder.resolve("lib"));
    state(states, 1, "state.json", "greenhouse", "https://hs.example.net/");
    state(states, 2, "tailscaled.state", "doorbell", "");
    Files.writeString(
        Files.createDirectory(states.resolve("tailscale-esp3")).resolve("state.json"), "sealed");
    StringBuilder conf = new StringBuilder("[Interface]\nPrivateKey = " + server.toBase64() + "\n");
    for (int i = 0; i < 4; i++) {
      conf.append("[Peer]\nPublicKey = ").append(keys[i]).append("\nAllowedIPs = 10.6.0.");
      conf.append(i + 2).append("/32\n");
    }

    CommandRun run = run(conf(conf.toString()), "--nodes", states.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .as("names that SaveConfig lost are those of the machines")
        .startsWith("added greenhouse with 10.6.0.2", "added doorbell with 10.6.0.3");
    assertThat(run.err())
        .contains("greenhouse stays the machine that it is: stop its tailscaled")
        .contains("doorbell becomes a new machine: its own is one of another control server")
        .contains("device-10-6-0-4 becomes a new machine: " + states + "/tailscale-esp3/state.json")
        .contains("device-10-6-0-5 becomes a new machine: " + states + " has no state");
    assertThat(folder.resolve("state/nodes/home/greenhouse/tailscaled.state"))
        .hasSameTextualContentAs(states.resolve("tailscale-esp1/state.json"));
    assertThat(folder.resolve("state/nodes/home/doorbell")).doesNotExist();
    assertThat(run(conf("[Interface]\n"), "--nodes", folder + "/none").err())
        .contains("/none is no folder");
  }

  private static void state(Path states, int number, String name, String host, String control)
      throws Exception {
    String settings =
        "{\"ControlURL\":\"%s\",\"Hostname\":\"%s\",\"Config\":{\"PrivateNodeKey\":\"privkey:1\"}}"
            .formatted(control, host);
    Files.writeString(
        Files.createDirectory(states.resolve("tailscale-esp" + number)).resolve(name),
        "{\"_machinekey\":\"%s\",\"_current-profile\":\"%s\",\"profile-ab\":\"%s\"}"
            .formatted(base64("privkey:2"), base64("profile-ab"), base64(settings)));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
