package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bridge device …}, in this process and without a running bridge. */
final class DeviceCommandsTest {
  private static final String ELSEWHERE =
      PrivateKey.generate(new SecureRandom()).publicKey().toBase64();

  @TempDir Path folder;
  private final Printed printed = new Printed();
  private final List<String> asked = new ArrayList<>();
  private Prompt prompt = Prompt.NOBODY;
  private Path file = Path.of("");
  private int port;

  @BeforeEach
  void write() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    config("10.6.0.0/24", "[tailnet.home] # ours\n");
  }

  private void config(String network, String more) throws IOException {
    file =
        Files.writeString(
            folder.resolve("devices.toml"),
            """
            [bridge]
            endpoint = "bridge.example.net:51820"
            network = "%s"
            [admin]
            listen = "127.0.0.1:%s"
            %s"""
                .formatted(network, port, more));
  }

  @Test
  void addingPrintsWhatTheDeviceMustBeTold() throws Exception {
    String before = Files.readString(file);
    assertThat(run("device", "add", "greenhouse")).isZero();
    assertThat(Files.readString(file))
        .isEqualTo(
            before
                + "\n[[device]]\nname = \"greenhouse\"\npublic_key = \""
                + devices().get(0).publicKey()
                + "\"\naddress = \"10.6.0.2\"\n");
    PrivateKey shown = PrivateKey.fromBase64(value(printed.out(), "PrivateKey"));
    assertThat(shown.publicKey()).isEqualTo(devices().get(0).publicKey());
    assertThat(value(printed.out(), "Address")).isEqualTo("10.6.0.2/24");
    PrivateKey bridge =
        PrivateKey.fromBase64(Files.readString(folder.resolve("state/bridge.key")).strip());
    assertThat(value(printed.out(), "PublicKey")).isEqualTo(bridge.publicKey().toBase64());
    assertThat(printed.err().lines())
        .containsExactly(
            "added greenhouse with 10.6.0.2 to " + file,
            "its private key is shown this once and kept nowhere",
            "start the bridge to let it in: java -jar bridge.jar --config " + file);
    assertNowhere(shown.toBase64());
  }

  @Test
  void theNextFreeAddressIsTaken() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      assertThat(run("device", "add", name)).isZero();
    }
    assertThat(run("device", "remove", "b", "--yes")).isZero();
    assertThat(run("device", "add", "d")).isZero();
    assertThat(run("device", "add", "e", "--address", "10.6.0.99")).isZero();
    assertThat(devices().stream().map(d -> d.name() + " " + d.address().getHostAddress()))
        .containsExactly("a 10.6.0.2", "c 10.6.0.4", "d 10.6.0.3", "e 10.6.0.99");
  }

  @Test
  void aFullNetworkSaysSo() throws Exception {
    config("10.6.0.0/30", "[tailnet.home]\n");
    assertThat(run("device", "add", "a")).isZero();
    printed.err.reset();
    assertThat(run("device", "add", "b")).isEqualTo(1);
    assertThat(printed.err())
        .isEqualTo(
            "bridge: the network 10.6.0.0/30 is full: all 1 addresses for devices are taken; remove"
                + " a device, or write a larger network in [bridge]\n");
    assertThat(devices()).hasSize(1);
  }

  @Test
  void keptKeysAreShownAgainAndErasedWithTheDevice() throws Exception {
    assertThat(run("device", "add", "a", "--psk", "--store-key")).isZero();
    String first = printed.out();
    Path key = folder.resolve("state/device-keys/a.key");
    Path psk = folder.resolve("a.psk");
    for (Path secret : List.of(key, psk)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
          .isEqualTo("rw-------");
    }
    assertThat(value(first, "PresharedKey")).isEqualTo(Files.readString(psk).strip());
    assertThat(devices().get(0).presharedKey().toBase64()).isEqualTo(value(first, "PresharedKey"));
    printed.out.reset();
    assertThat(run("device", "show", "a", "--format", "wg-quick")).isZero();
    assertThat(printed.out()).isEqualTo(first);

    printed.out.reset();
    assertThat(run("device", "remove", "a", "--yes")).isZero();
    assertThat(printed.out().lines())
        .containsExactly(
            "removed a from " + file,
            "erased the private key " + key,
            "erased the preshared key " + psk);
    assertThat(key).doesNotExist();
    assertThat(psk).doesNotExist();
  }

  @Test
  void aDeviceThatMadeItsOwnKey() throws Exception {
    assertThat(run("device", "add", "a", "--public-key", ELSEWHERE)).isZero();
    assertThat(value(printed.out(), "PrivateKey")).isEqualTo("PRIVATE-KEY-OF-A");
    assertThat(printed.err()).doesNotContain("private key");
    assertThat(devices().get(0).publicKey().toBase64()).isEqualTo(ELSEWHERE);
  }

  @Test
  void otherKeysOfTheBlock() throws Exception {
    assertThat(
            run(
                "device",
                "add",
                "a",
                "--tailnet",
                "none",
                "--set",
                "keepalive=off",
                "--set",
                "max_connections=4"))
        .isZero();
    assertThat(Files.readString(file))
        .endsWith("tailnet = \"none\"\nkeepalive = \"off\"\nmax_connections = 4\n");
  }

  @Test
  void toAFile() throws Exception {
    Path conf = folder.resolve("a.conf");
    assertThat(run("device", "add", "a", "--format", "esphome", "--output", conf.toString()))
        .isZero();
    assertThat(printed.out()).isEmpty();
    assertThat(Files.readString(conf)).contains("wireguard:");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(conf)))
        .isEqualTo("rw-------");
    assertThat(run("device", "add", "b", "--output", conf.toString())).isEqualTo(1);
    assertThat(printed.err())
        .endsWith(conf + " exists already; nothing was done, name another file\n");
    assertThat(devices()).hasSize(1);
    Path png = folder.resolve("a.png");
    assertThat(run("device", "show", "a", "--format", "qr", "--output", png.toString())).isZero();
    assertThat(Files.readAllBytes(png)).startsWith(0x89, 'P', 'N', 'G');
  }

  @Test
  void inJson() throws Exception {
    assertThat(run("device", "add", "a", "--json", "--format", "tasmota")).isZero();
    JsonObject added = JsonParser.parseString(printed.out()).getAsJsonObject();
    assertThat(added.get("address").getAsString()).isEqualTo("10.6.0.2");
    assertThat(PrivateKey.fromBase64(added.get("privateKey").getAsString()).publicKey().toBase64())
        .isEqualTo(added.get("publicKey").getAsString());
    assertThat(added.get("configuration").getAsString()).contains("[Tasmota]");
    assertThat(added.get("notes").getAsJsonArray()).hasSize(3);
    assertThat(printed.err()).isEmpty();

    printed.out.reset();
    assertThat(run("device", "list", "--json")).isZero();
    JsonArray listed = JsonParser.parseString(printed.out()).getAsJsonArray();
    assertThat(listed).hasSize(1);
    assertThat(listed.get(0).getAsJsonObject().get("tailnet").getAsString()).isEqualTo("home");

    printed.out.reset();
    assertThat(run("device", "remove", "--all", "--yes", "--json")).isZero();
    assertThat(JsonParser.parseString(printed.out()))
        .isEqualTo(JsonParser.parseString("{removed:['a'],erased:[],left:[]}"));
  }

  @Test
  void listAndShow() throws Exception {
    assertThat(run("device", "list")).isZero();
    assertThat(printed.err())
        .isEqualTo("there are no devices yet; add one with bridge device add NAME\n");
    run("device", "add", "a", "--public-key", ELSEWHERE);
    printed.out.reset();
    printed.err.reset();
    assertThat(run("device", "list")).isZero();
    assertThat(printed.out())
        .isEqualTo(
            "NAME  ADDRESS   TAILNET  STATE  PUBLIC KEY\n"
                + "a     10.6.0.2  home     -      "
                + ELSEWHERE
                + "\n");
    assertThat(printed.err())
        .isEqualTo("the bridge does not run with this configuration, so no state is known\n");
    printed.out.reset();
    assertThat(run("device", "show", "a")).isZero();
    assertThat(printed.out())
        .isEqualTo(
            "name           a\naddress        10.6.0.2\npublic key     "
                + ELSEWHERE
                + "\npreshared key  no\ntailnet        home\nhost name      a\nstate          -\n");
  }

  @Test
  void removingAsksAndSaysWhatIsLeft() throws Exception {
    run("device", "add", "a");
    Files.createDirectories(folder.resolve("state/nodes/home/a"));
    printed.out.reset();
    printed.err.reset();
    assertThat(run("device", "remove", "a")).isEqualTo(2);
    assertThat(printed.err())
        .isEqualTo(
            "bridge: nobody can be asked here; add --yes to remove a; see bridge device remove"
                + " --help\n");
    prompt = answering("n");
    assertThat(run("device", "remove", "a")).isEqualTo(1);
    assertThat(asked).containsExactly("Remove a from " + file + "? [y/N]");
    assertThat(devices()).hasSize(1);
    prompt = answering("y");
    assertThat(run("device", "remove", "a")).isZero();
    assertThat(devices()).isEmpty();
    Path node = folder.resolve("state/nodes/home/a");
    assertThat(printed.out().lines())
        .containsExactly(
            "removed a from " + file,
            "left to do:",
            "- delete the machine a at https://login.tailscale.com/admin/machines",
            "- remove the folder " + node + ", or another a will take over this one's machine");
    assertThat(node).exists();
  }

  @Test
  void export() throws Exception {
    run("device", "add", "a", "--store-key");
    run("device", "add", "b");
    Path target = folder.resolve("out");
    assertThat(run("device", "export", "--format", "esp-idf", "--output", target.toString()))
        .isZero();
    try (Stream<Path> files = Files.list(target)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("a.csv", "b.csv");
    }
    printed.out.reset();
    assertThat(run("device", "export", "b")).isZero();
    JsonArray all = JsonParser.parseString(printed.out()).getAsJsonArray();
    assertThat(all).hasSize(1);
    assertThat(all.get(0).getAsJsonObject().has("privateKey")).isFalse();
  }

  @Test
  void wrongUse() throws Exception {
    String before = Files.readString(file);
    assertThat(run("device")).isEqualTo(2);
    assertThat(run("device", "add", "a", "--format", "toml")).isEqualTo(2);
    assertThat(run("device", "add", "a", "--public-key", "x")).isEqualTo(2);
    assertThat(run("device", "remove")).isEqualTo(2);
    assertThat(run("device", "add", "../a", "--psk")).isEqualTo(1);
    assertThat(run("device", "add", "a", "--tailnet", "hme")).isEqualTo(1);
    assertThat(run("device", "show", "a")).isEqualTo(1);
    assertThat(printed.err().lines())
        .containsExactly(
            "bridge: say what to do: bridge device add|list|show|remove|export|import; see bridge device"
                + " --help",
            "bridge: Invalid value for option '--format': there is no such format; write one"
                + " of wg-quick, esphome, tasmota, arduino, esp-idf, qr, json; see bridge device"
                + " add --help",
            "bridge: Invalid value for option '--public-key': Not a WireGuard public key: it has 1"
                + " characters; write the 44 base64 characters that wg(8) prints (wg genkey, pubkey,"
                + " genpsk); see bridge device add --help",
            "bridge: name the devices, or write --all; see bridge device remove --help",
            "bridge: \"../a\" is not a host name label; write 1 to 63 of a-z, 0-9 and -, with no -"
                + " at either end",
            "bridge: tailnet in [[device]] \"a\": there is no [tailnet.hme]; did you mean \"home\"?",
            "bridge: " + file + " has no device a");
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void aFailedAdditionLeavesNoSecretBehind() throws Exception {
    assertThat(run("device", "add", "a", "--psk", "--set", "colour=red")).isEqualTo(1);
    assertThat(folder.resolve("a.psk")).doesNotExist();
    Files.writeString(file, "[tailnet.home]\n");
    printed.err.reset();
    assertThat(run("device", "add", "a")).isEqualTo(1);
    assertThat(printed.err())
        .isEqualTo(
            "bridge: endpoint is missing in [bridge] of "
                + file
                + "; write what devices dial, as in endpoint = \"bridge.example.net:51820\"\n");
  }

  private void assertNowhere(String secret) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(path)).doesNotContain(secret);
      }
    }
  }

  private Prompt answering(String answer) {
    return new Prompt() {
      @Override
      public boolean isThere() {
        return true;
      }

      @Override
      public String ask(String question) {
        asked.add(question);
        return answer;
      }

      @Override
      public String askSecret(String question) {
        return ask(question);
      }
    };
  }

  private static String value(String configuration, String key) {
    return configuration
        .lines()
        .filter(line -> line.startsWith(key + " = "))
        .map(line -> line.substring(key.length() + 3))
        .findFirst()
        .orElse("(no " + key + ")");
  }

  private List<DeviceSection> devices() throws Exception {
    return ConfigReader.read(file, name -> null).config().devices();
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (arguments.length > 1) {
      all.addAll(List.of("--config", file.toString()));
    }
    return printed.run(prompt, all.toArray(String[]::new));
  }
}
