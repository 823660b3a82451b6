package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people do wrong, and the exact line that tells them. */
final class BadConfigTest {
  private static final String KEY = ConfigText.DEVICE_KEY;
  private static final String KEY_2 = ConfigText.publicKey(2);

  @TempDir Path folder;
  private ConfigText text;

  @BeforeEach
  void prepare() {
    text = new ConfigText(folder);
  }

  @Test
  void missingFile() {
    assertThat(failure(folder.resolve("absent.toml")))
        .containsExactly(
            "absent.toml: no such file; write one (docs/configuration.md shows how), or name"
                + " another with --config");
  }

  @Test
  void aFolder() {
    assertThat(failure(folder).get(0))
        .endsWith("is a folder; name the file, as in --config devices.toml");
  }

  @Test
  void notText() throws Exception {
    Files.write(text.file, new byte[] {'a', (byte) 0xff, (byte) 0xfe});
    assertThat(failure(text.file))
        .containsExactly("devices.toml: is not UTF-8 text; is it the right file?");
  }

  @Test
  void tooBig() throws Exception {
    Files.write(text.file, new byte[(4 << 20) + 1]);
    assertThat(failure(text.file))
        .containsExactly("devices.toml: is bigger than 4 MiB; is it the right file?");
  }

  private List<String> failure(Path file) {
    try {
      ConfigReader.read(file, name -> null);
      return List.of();
    } catch (ConfigException e) {
      return text.lines(e.problems());
    }
  }

  @Test
  void tomlSyntax() throws Exception {
    text.says(
        "[bridge]\nlog = yes\n[admin\n[bridge]\n",
        "devices.toml:2:7: not valid TOML: Unexpected 'y', expected a value",
        "devices.toml:3:7: not valid TOML: Unexpected end of line, expected ]",
        "devices.toml:4:1: not valid TOML: bridge previously defined at line 1, column 1");
  }

  @Test
  void unknownNames() throws Exception {
    text.says(
        """
        [brigde]
        [tailnets.home]
        [admin]
        listn = "127.0.0.1:1"
        colour = "red"
        "line\\nbreak" = 1
        """,
        "devices.toml:1:1: unknown section \"brigde\"; did you mean \"bridge\"?",
        "devices.toml:2:1: unknown section \"tailnets\"; did you mean \"tailnet\"?",
        "devices.toml:4:1: unknown key \"listn\" in [admin]; did you mean \"listen\"?",
        "devices.toml:5:1: unknown key \"colour\" in [admin]; known keys are listed in"
            + " docs/configuration.md",
        "devices.toml:6:1: unknown key \"line?break\" in [admin]; known keys are listed in"
            + " docs/configuration.md");
  }

  @Test
  void unknownKeyOfADeviceTogetherWithWhatIsMissingForIt() throws Exception {
    text.says(
        """
        [tailnet.home]
        [[device]]
        name = "greenhouse"
        adress = "10.6.0.2"
        """,
        "devices.toml:2:1: \"public_key\" is missing in [[device]] \"greenhouse\"; write what `wg"
            + " pubkey` prints for the device's private key",
        "devices.toml:2:1: \"address\" is missing in [[device]] \"greenhouse\"; write an address"
            + " from 10.6.0.2 to 10.6.0.254",
        "devices.toml:4:1: unknown key \"adress\" in [[device]] \"greenhouse\"; did you mean"
            + " \"address\"?");
  }

  @Test
  void aModeThatThereIsNot() throws Exception {
    text.says(
        """
        [tailnet.home]
        mode = "container"
        """,
        "devices.toml:2:1: mode in [tailnet.home]: \"container\" is not possible; write"
            + " \"embedded\" or \"sidecar\"");
  }

  @Test
  void tablesOfTheWrongShape() throws Exception {
    text.says(
        """
        bridge = 1
        [device]
        name = "a"
        [tailnet]
        control_url = "https://headscale.example.net"
        """,
        "devices.toml:1:1: \"bridge\" must be a table; write [bridge]",
        "devices.toml:2:1: each device is a list entry; write [[device]] with two brackets",
        "devices.toml:5:1: \"control_url\" stands in [tailnet] itself; give the tailnet a name:"
            + " [tailnet.home]");
    text.says(
        "tailnet = [1]\ndevice = [1]\n",
        "devices.toml:1:1: \"tailnet\" must be a table; write [tailnet.NAME]",
        "devices.toml:2:11: each device is a table; write [[device]]");
  }

  @Test
  void valuesOfTheWrongType() throws Exception {
    text.says(
        """
        [bridge]
        listen = "0.0.0.0:51820"
        state_dir = 7
        [tailnet.home]
        tags = ["tag:a", 3]
        [defaults]
        keepalive = 25
        [[device]]
        name = 5
        public_key = "%s"
        address = "10.6.0.2"
        """
            .formatted(KEY),
        "devices.toml:2:1: listen in [bridge]: must be a list of strings; write it like [\"…\"]",
        "devices.toml:3:1: state_dir in [bridge]: must be a string; write it in quotes",
        "devices.toml:5:1: tags in [tailnet.home]: must be a list of strings; write it with each"
            + " entry in quotes",
        "devices.toml:7:1: keepalive in [defaults]: must be a string; write it in quotes",
        "devices.toml:9:1: name in [[device]] number 1: must be a string; write it in quotes");
  }

  @Test
  void addressesOfTheBridge() throws Exception {
    text.says(
        """
        [bridge]
        endpoint = "bridge.example.net"
        listen = ["0.0.0.0:70000", "localhost:51820", "51820", "300.0.0.1:5", "[::g]:1"]
        network = "10.6.0.7/24"
        state_dir = ""
        crypto = "openssl"
        log = "INFO"
        [admin]
        listen = "0.0.0.0:8080"
        """,
        "devices.toml:2:1: endpoint in [bridge]: \"bridge.example.net\" is not a host and a port;"
            + " write it like \"bridge.example.net:51820\"",
        "devices.toml:3:1: listen in [bridge]: the port in \"0.0.0.0:70000\" is out of range;"
            + " write one from 1 to 65535",
        "devices.toml:3:1: listen in [bridge]: \"localhost:51820\" does not begin with an IP"
            + " address; names are not looked up here, write it like \"127.0.0.1:51820\"",
        "devices.toml:3:1: listen in [bridge]: \"51820\" is not an IP address and a port; write it"
            + " like \"0.0.0.0:51820\" or \"[::]:51820\"",
        "devices.toml:3:1: listen in [bridge]: \"300.0.0.1\" is not an IP address",
        "devices.toml:3:1: listen in [bridge]: \"[::g]:1\" does not begin with an IP address; names"
            + " are not looked up here, write it like \"127.0.0.1:1\"",
        "devices.toml:4:1: network in [bridge]: \"10.6.0.7/24\" has bits set after the prefix; write"
            + " \"10.6.0.0/24\"",
        "devices.toml:5:1: state_dir in [bridge]: is empty; write a path",
        "devices.toml:6:1: crypto in [bridge]: \"openssl\" is not possible; write \"auto\" or"
            + " \"bouncycastle\" or \"conscrypt\" or \"jdk\"",
        "devices.toml:7:1: log in [bridge]: \"INFO\" is not possible; write \"debug\" or \"info\" or"
            + " \"warn\" or \"error\"",
        "devices.toml:9:1: listen in [admin]: \"0.0.0.0:8080\" is not a loopback address, so"
            + " whoever reaches it must show a token; add token_file = \"admin.token\", a file with 16"
            + " characters or more, or write \"127.0.0.1:8080\"");
  }

  @Test
  void listenAddresses() throws Exception {
    text.says(
        "bridge.listen = [\"127.0.0.1:1\", \"127.0.0.1:1\", \"127.0.0.1:0\", \"127.0.0.1:0\"]\n",
        "devices.toml:1:1: listen in [bridge]: \"127.0.0.1:1\" is there twice; remove one");
    text.says(
        "bridge.listen = []\n",
        "devices.toml:1:1: listen in [bridge]: is empty; write an address, or remove the key");
  }

  @Test
  void networks() throws Exception {
    text.says(
        "bridge.network = \"100.100.0.0/16\"\n",
        "devices.toml:1:1: network in [bridge]: \"100.100.0.0/16\" overlaps 100.64.0.0/10, where"
            + " tailnets have their addresses; write another, such as \"10.6.0.0/24\"");
    text.says(
        "bridge.network = \"10.6.0.0/31\"\n",
        "devices.toml:1:1: network in [bridge]: a network of /31 is not possible here; write one"
            + " between /8 and /30");
    text.says(
        "bridge.network = \"fd00::/64\"\n",
        "devices.toml:1:1: network in [bridge]: \"fd00::/64\" is not an IPv4 network; write it like"
            + " \"10.6.0.0/24\"");
    text.says(
        "bridge.network = \"224.0.0.0/24\"\n",
        "devices.toml:1:1: network in [bridge]: \"224.0.0.0/24\" cannot be used for hosts; write"
            + " another, such as \"10.6.0.0/24\"");
  }

  @Test
  void namesAndAddressesOfDevices() throws Exception {
    text.says(
        ConfigText.device("Greenhouse", KEY, "10.6.0.2")
            + "hostname = \"a_b\"\nkeepalive = \"0s\"\nsource = \"x\"\nstale_clock = \"accept\"\n"
            + ConfigText.device("-a", KEY_2, "10.7.0.2")
            + ConfigText.device("b", ConfigText.publicKey(3), "10.6.0.1")
            + ConfigText.device("c", ConfigText.publicKey(4), "10.6.0.255")
            + ConfigText.device("d", ConfigText.publicKey(5), "10.6.0.0/24")
            + "[tailnet.home]\n",
        "devices.toml:2:1: name in [[device]] \"Greenhouse\": \"Greenhouse\" is not a host name"
            + " label; write \"greenhouse\"",
        "devices.toml:5:1: hostname in [[device]] \"Greenhouse\": \"a_b\" is not a host name label;"
            + " write 1 to 63 of a-z, 0-9 and -, with no - at either end",
        "devices.toml:6:1: keepalive in [[device]] \"Greenhouse\": \"0s\" is not possible; write"
            + " seconds from \"1s\" to \"65535s\", or \"off\"",
        "devices.toml:7:1: source in [[device]] \"Greenhouse\": \"x\" is not possible; write"
            + " \"gateway\" or \"client\"",
        "devices.toml:8:1: stale_clock in [[device]] \"Greenhouse\": \"accept\" is not possible;"
            + " write \"reverse\" or \"tentative\" or \"drop\"",
        "devices.toml:10:1: name in [[device]] \"-a\": \"-a\" is not a host name label; write 1 to 63"
            + " of a-z, 0-9 and -, with no - at either end",
        "devices.toml:12:1: address in [[device]] \"-a\": \"10.7.0.2\" lies outside the network"
            + " 10.6.0.0/24; write one from 10.6.0.2 to 10.6.0.254",
        "devices.toml:16:1: address in [[device]] \"b\": \"10.6.0.1\" is the bridge's own address;"
            + " write one from 10.6.0.2 to 10.6.0.254",
        "devices.toml:20:1: address in [[device]] \"c\": \"10.6.0.255\" is the network's first or"
            + " last address, which no host can have; write one from 10.6.0.2 to 10.6.0.254",
        "devices.toml:24:1: address in [[device]] \"d\": \"10.6.0.0/24\" is not an IPv4 address;"
            + " write it like \"10.6.0.2\"");
  }

  @Test
  void whatMayBeThereOnlyOnce() throws Exception {
    text.says(
        "[tailnet.home]\n[tailnet.work]\n[defaults]\ntailnet = \"home\"\n"
            + ConfigText.device("a", KEY, "10.6.0.2")
            + ConfigText.device("a", KEY_2, "10.6.0.3")
            + ConfigText.device("b", KEY, "10.6.0.4")
            + ConfigText.device("c", ConfigText.publicKey(3), "10.6.0.2")
            + ConfigText.device("d", ConfigText.publicKey(4), "10.6.0.5")
            + "hostname = \"a\"\n"
            + ConfigText.device("e", ConfigText.publicKey(5), "10.6.0.6")
            + "hostname = \"a\"\ntailnet = \"work\"\n",
        "devices.toml:10:1: name in [[device]] \"a\": \"a\" is taken by another [[device]]; each"
            + " device needs its own",
        "devices.toml:15:1: public_key in [[device]] \"b\": this key is taken by [[device]] \"a\";"
            + " each device needs its own",
        "devices.toml:20:1: address in [[device]] \"c\": \"10.6.0.2\" is taken by [[device]] \"a\";"
            + " each device needs its own",
        "devices.toml:25:1: hostname in [[device]] \"d\": \"a\" is taken by [[device]] \"a\"; each"
            + " device needs its own");
  }

  @Test
  void keys() throws Exception {
    text.says(
        "[tailnet.home]\n"
            + ConfigText.device("a", KEY.substring(1), "10.6.0.2")
            + "preshared_key = \""
            + "*".repeat(44)
            + "\"\n"
            + ConfigText.device("b", KEY.substring(0, 42) + "/=", "10.6.0.3"),
        "devices.toml:4:1: public_key in [[device]] \"a\": not a WireGuard public key: it has 43"
            + " characters; write the 44 base64 characters that wg(8) prints (wg genkey, pubkey,"
            + " genpsk)",
        "devices.toml:6:1: preshared_key in [[device]] \"a\": not a WireGuard preshared key: it has"
            + " a character that base64 does not use; write the 44 base64 characters that wg(8)"
            + " prints (wg genkey, pubkey, genpsk)",
        "devices.toml:9:1: public_key in [[device]] \"b\": not a WireGuard public key: it is not the"
            + " base64 of exactly 32 bytes; write the 44 base64 characters that wg(8) prints (wg"
            + " genkey, pubkey, genpsk)");
  }

  @Test
  void tailnets() throws Exception {
    text.says(
        """
        [tailnet.none]
        [tailnet.Home]
        control_url = "headscale.example.net"
        """
            + ConfigText.device("a", KEY, "10.6.0.2")
            + ConfigText.device("b", KEY_2, "10.6.0.3")
            + "tailnet = \"home\"\n"
            + ConfigText.device("c", ConfigText.publicKey(3), "10.6.0.4")
            + "tailnet = \"none\"\nauth_key = \"x\"\n",
        "devices.toml:1:1: [tailnet.none]: \"none\" means no tailnet; choose another name",
        "devices.toml:2:1: [tailnet.Home]: \"Home\" is not a host name label; write \"home\"",
        "devices.toml:3:1: control_url in [tailnet.Home]: is not the address of a control server;"
            + " write it like \"https://headscale.example.net\", or remove the key for Tailscale",
        "devices.toml:4:1: \"tailnet\" is missing in [[device]] \"a\"; write one of none, Home, or"
            + " \"none\"",
        "devices.toml:12:1: tailnet in [[device]] \"b\": there is no [tailnet.home]; did you mean"
            + " \"Home\"?",
        "devices.toml:18:1: auth_key in [[device]] \"c\": has no use with tailnet = \"none\"; remove"
            + " one of the two");
    text.says(
        ConfigText.device("a", KEY, "10.6.0.2"),
        "devices.toml:1:1: \"tailnet\" is missing in [[device]] \"a\"; add a [tailnet.NAME], or write"
            + " tailnet = \"none\" for a plain WireGuard peer");
  }

  @Test
  void aWrongDefaultIsReportedOnce() throws Exception {
    text.says(
        "[tailnet.home]\n[defaults]\nkeepalive = \"soon\"\n"
            + ConfigText.device("a", KEY, "10.6.0.2")
            + ConfigText.device("b", KEY_2, "10.6.0.3"),
        "devices.toml:3:1: keepalive in [defaults]: \"soon\" is not possible; write seconds from"
            + " \"1s\" to \"65535s\", or \"off\"");
  }
}
