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
    says(
        "[bridge]\nlog = yes\n[admin\n[bridge]\n",
        "devices.toml:2:7: not valid TOML: Unexpected 'y', expected a value",
        "devices.toml:3:7: not valid TOML: Unexpected end of line, expected ]",
        "devices.toml:4:1: not valid TOML: bridge previously defined at line 1, column 1");
  }

  @Test
  void unknownNames() throws Exception {
    says(
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
    says(
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
  void keysOfLaterVersions() throws Exception {
    says(
        """
        [tailnet.home]
        mode = "sidecar"
        """,
        "devices.toml:2:1: mode in [tailnet.home]: \"sidecar\" is not in this version; write"
            + " \"embedded\"");
  }

  @Test
  void serversToDial() throws Exception {
    says(
        """
        [defaults]
        allowed_ips = ["10.0.0.0/8"]
        [[device]]
        name = "office"
        public_key = "%s"
        endpoint = "vpn.example.net"
        address = "10.6.0.2"
        tailnet = "home"
        [[device]]
        name = "lab"
        public_key = "%s"
        endpoint = "[2001:db8::1]:51820"
        allowed_ips = ["10.8.0.0/33", "10.9.0.1/24"]
        local_addresses = []
        mtu = 9000
        [[device]]
        name = "hall"
        public_key = "%s"
        address = "10.6.0.3"
        tailnet = "none"
        mtu = 1280
        """
            .formatted(KEY, KEY_2, ConfigText.publicKey(3)),
        "devices.toml:2:1: allowed_ips in [defaults]: belongs to one server; write it in a"
            + " [[device]]",
        "devices.toml:3:1: \"local_addresses\" is missing in [[device]] \"office\"; write the"
            + " bridge's own address there, like [\"10.8.0.2\"]",
        "devices.toml:6:1: endpoint in [[device]] \"office\": \"vpn.example.net\" is not a host and a"
            + " port; write it like \"bridge.example.net:51820\"",
        "devices.toml:7:1: address in [[device]] \"office\": has no use with endpoint, which makes"
            + " this a server to dial; remove one of the two",
        "devices.toml:8:1: tailnet in [[device]] \"office\": a server that the bridge dials is no"
            + " machine in a tailnet; write \"none\"",
        "devices.toml:13:1: allowed_ips in [[device]] \"lab\": '10.8.0.0/33': the number after the"
            + " slash must be in 0..32",
        "devices.toml:14:1: local_addresses in [[device]] \"lab\": is empty; write at least one",
        "devices.toml:15:1: mtu in [[device]] \"lab\": 9000 is not possible; write a number from 576"
            + " to 1420",
        "devices.toml:21:1: mtu in [[device]] \"hall\": has no use without endpoint, the address of a"
            + " WireGuard server that the bridge dials; add that, or remove it");
  }

  @Test
  void serversThatCannotBothBe() throws Exception {
    says(
        """
        [[device]]
        name = "office"
        public_key = "%s"
        endpoint = "vpn.example.net:51820"
        allowed_ips = ["10.8.0.0/24"]
        local_addresses = ["10.8.0.2"]
        [[device]]
        name = "lab"
        public_key = "%s"
        endpoint = "lab.example.net:51820"
        allowed_ips = ["10.8.0.0/24", "fd00::/64"]
        local_addresses = ["10.8.0.3"]
        [[gateway]]
        mode = "ingress"
        listen = "127.0.0.1:80"
        target = "office:80"
        [[gateway]]
        mode = "ingress"
        listen = "127.0.0.1:81"
        target = "10.9.0.1:80"
        [[gateway]]
        mode = "ingress"
        listen = "127.0.0.1:82"
        target = "[fd00::1]:80"
        """
            .formatted(KEY, KEY_2),
        "devices.toml:11:1: allowed_ips in [[device]] \"lab\": \"10.8.0.0/24\" is taken by [[device]]"
            + " \"office\"; each device needs its own",
        "devices.toml:16:1: target in [[gateway]] number 1: \"office\" is a server that the bridge"
            + " dials; write the address of a machine behind it",
        "devices.toml:20:1: target in [[gateway]] number 2: \"10.9.0.1\" is not the address of a"
            + " [[device]], nor in the allowed_ips of one with an endpoint; write another, or add it"
            + " there",
        "devices.toml:24:1: target in [[gateway]] number 3: no address in local_addresses of \"lab\""
            + " can call \"fd00:0:0:0:0:0:0:1\"; add one of the same family");
  }

  @Test
  void gateways() throws Exception {
    says(
        """
        [[device]]
        name = "greenhouse"
        public_key = "%s"
        address = "10.6.0.2"
        tailnet = "none"
        dns = "all"
        [[device]]
        name = "hall"
        public_key = "%s"
        address = "10.6.0.3"
        tailnet = "none"
        tcp = "routed"
        [[gateway]]
        [[gateway]]
        mode = "ingres"
        [[gateway]]
        mode = "ingress"
        listen = "0.0.0.0:9000"
        target = "greenhouse:80"
        [[gateway]]
        mode = "ingress"
        protocol = "udp"
        listen = "localhost:9000"
        target = "greenhose:80"
        from = ["greenhouse"]
        [[gateway]]
        mode = "ingress"
        listen = "0.0.0.0:9000"
        target = "10.6.0.2:81"
        max_connections = 0
        [[gateway]]
        mode = "ingress"
        listen = "0.0.0.0:0"
        target = "10.6.0.9:80"
        idle = "5m"
        [[gateway]]
        mode = "egress"
        listen = "10.6.0.1:53"
        target = "example.net"
        from = ["greenhouse", "hall", "cellar"]
        [[gateway]]
        mode = "egress"
        listen = "53"
        target = "example.net:53"
        from = []
        [[gateway]]
        mode = "egress"
        listen = "53"
        target = "example.net:53"
        from = ["*"]
        """
            .formatted(KEY, KEY_2),
        "devices.toml:13:1: \"mode\" is missing in [[gateway]] number 1; write \"ingress\" (host to"
            + " tunnel) or \"egress\" (tunnel to network)",
        "devices.toml:15:1: mode in [[gateway]] number 2: \"ingres\" is not possible; write"
            + " \"ingress\" or \"egress\"",
        "devices.toml:22:1: protocol in [[gateway]] number 4: \"udp\" is not in this version; write"
            + " \"tcp\"",
        "devices.toml:23:1: listen in [[gateway]] number 4: \"localhost:9000\" does not begin with"
            + " an IP address; names are not looked up here, write it like \"127.0.0.1:9000\"",
        "devices.toml:24:1: target in [[gateway]] number 4: \"greenhose\" is not the name of a"
            + " [[device]]; did you mean \"greenhouse\"?",
        "devices.toml:25:1: from in [[gateway]] number 4: has no use with mode = \"ingress\";"
            + " remove it",
        "devices.toml:28:1: listen in [[gateway]] number 5: is taken by another [[gateway]]: ingress"
            + " tcp 0.0.0.0:9000 to 10.6.0.2:80; write another port",
        "devices.toml:30:1: max_connections in [[gateway]] number 5: 0 is not possible; write a"
            + " number from 1 to 4096",
        "devices.toml:33:1: listen in [[gateway]] number 6: port 0 is no port that anybody could"
            + " call; write another",
        "devices.toml:34:1: target in [[gateway]] number 6: \"10.6.0.9\" is not the address of a"
            + " [[device]], nor in the allowed_ips of one with an endpoint; write another, or add it"
            + " there",
        "devices.toml:35:1: idle in [[gateway]] number 6: \"5m\" is not possible; write seconds from"
            + " \"1s\" to \"86400s\"",
        "devices.toml:38:1: listen in [[gateway]] number 7: \"10.6.0.1:53\" is not possible: an"
            + " egress rule listens at the bridge's own address in the tunnel; write the port alone,"
            + " like \"9000\"",
        "devices.toml:39:1: target in [[gateway]] number 7: \"example.net\" is not a host and a port;"
            + " write it like \"bridge.example.net:51820\"",
        "devices.toml:40:1: from in [[gateway]] number 7: the TCP of a gateway rule ends in the"
            + " bridge, which that of \"hall\" does not; remove its tcp = \"routed\", or name another"
            + " device",
        "devices.toml:40:1: from in [[gateway]] number 7: there is no [[device]] \"cellar\"; add it,"
            + " or write another",
        "devices.toml:45:1: from in [[gateway]] number 8: is empty, so nobody could use the rule;"
            + " name devices, or write [\"*\"]",
        "devices.toml:48:1: listen in [[gateway]] number 9: port 53 is where the bridge itself tells"
            + " \"greenhouse\" names; write another port, or dns = \"off\" for that device");
  }

  @Test
  void tokens() throws Exception {
    says(
        "[admin]\nlisten = \"0.0.0.0:8080\"\ntoken = \"0123456789abcde\"\n[tailnet.home]\n",
        "devices.toml:3:1: token in [admin]: is shorter than 16 characters, which can be guessed;"
            + " make one with `openssl rand -hex 32`");
    says(
        "[admin]\nlisten = \"0.0.0.0:8080\"\ntoken_file = \"none\"\n[tailnet.home]\n",
        "devices.toml:3:1: token_file in [admin]: none does not exist; make it, or remove the key");
  }

  @Test
  void healthOfDevices() throws Exception {
    says(
        """
        [admin]
        listen = "127.0.0.1:8080"
        health_listen = "127.0.0.1:8080"
        [tailnet.home]
        [[device]]
        name = "a"
        public_key = "%s"
        address = "10.6.0.2"
        tcp = "routed"
        health = { port = 0, paths = ["status"], pot = 80 }
        """
            .formatted(KEY),
        "devices.toml:3:1: health_listen in [admin]: is the address of listen, where health is"
            + " answered too; write another, or remove it",
        "devices.toml:10:1: health in [[device]] \"a\": has no use with tcp = \"routed\"; remove"
            + " one of the two",
        "devices.toml:10:12: port in health of [[device]] \"a\": 0 is not possible; write a number"
            + " from 1 to 65535",
        "devices.toml:10:22: paths in health of [[device]] \"a\": \"status\" is not a path; write it"
            + " like \"/\" or \"/status\"",
        "devices.toml:10:42: unknown key \"pot\" in health of [[device]] \"a\"; did you mean"
            + " \"port\"?");
  }

  @Test
  void portsOfADevice() throws Exception {
    String form =
        " is not possible; write a port from 1 to 65535 (80), a range (\"8000-8100\") or the"
            + " tailnet's and the device's port (\"8080:80\")";
    String list = "[80, \"8000-8100\", \"8080:80\"]";
    says(
        """
        [tailnet.home]
        [defaults]
        ports = { tpc = "all", ping = "yes" }
        [[device]]
        name = "a"
        public_key = "%s"
        address = "10.6.0.2"
        ports = "all"
        [[device]]
        name = "b"
        public_key = "%s"
        address = "10.6.0.3"
        ports = { tcp = [0, "90-80", "http", "8080:", 2.5, 65536], udp = "none" }
        [[device]]
        name = "c"
        public_key = "%s"
        address = "10.6.0.4"
        ports.tcp = [80, "8000-8100", "8080:80", "80:81"]
        ports.udp = 53
        [[device]]
        name = "d"
        tailnet = "none"
        public_key = "%s"
        address = "10.6.0.5"
        ports = { ping = false }
        [[device]]
        name = "e"
        public_key = "%s"
        address = "10.6.0.6"
        """
            .formatted(
                KEY,
                KEY_2,
                ConfigText.publicKey(3),
                ConfigText.publicKey(4),
                ConfigText.publicKey(5)),
        "devices.toml:3:11: unknown key \"tpc\" in ports of [defaults]; did you mean \"tcp\"?",
        "devices.toml:3:24: ping in ports of [defaults]: must be a boolean; write it as true or"
            + " false, without quotes",
        "devices.toml:8:1: ports in [[device]] \"a\": must be a table; write it in braces, like {"
            + " ping = false }",
        "devices.toml:13:18: tcp in ports of [[device]] \"b\": \"0\"" + form,
        "devices.toml:13:21: tcp in ports of [[device]] \"b\": \"90-80\"" + form,
        "devices.toml:13:30: tcp in ports of [[device]] \"b\": \"http\"" + form,
        "devices.toml:13:38: tcp in ports of [[device]] \"b\": \"8080:\"" + form,
        "devices.toml:13:47: tcp in ports of [[device]] \"b\": \"2.5\"" + form,
        "devices.toml:13:52: tcp in ports of [[device]] \"b\": \"65536\"" + form,
        "devices.toml:13:60: udp in ports of [[device]] \"b\": \"none\" is not possible; write"
            + " \"all\", or a list such as "
            + list
            + ", or [] for none",
        "devices.toml:18:31: tcp in ports of [[device]] \"c\": \"8080:80\" and \"8000-8100\" both"
            + " have port 8080; each port of the tailnet may stand once, so remove one or shorten"
            + " the range",
        "devices.toml:18:42: tcp in ports of [[device]] \"c\": \"80:81\" and \"80\" both have port"
            + " 80; each port of the tailnet may stand once, so remove one or shorten the range",
        "devices.toml:19:1: udp in ports of [[device]] \"c\": must be a list; write it like "
            + list,
        "devices.toml:25:1: ports in [[device]] \"d\": has no use with tailnet = \"none\"; remove"
            + " one of the two");
  }

  @Test
  void callersOfADevice() throws Exception {
    says(
        """
        [tailnet.home]
        [defaults]
        allow = ["bob smith", "group:ops", "tag:", "host:80"]
        [[device]]
        name = "a"
        public_key = "%s"
        address = "10.6.0.2"
        allow = ["*", "alice"]
        [[device]]
        name = "b"
        public_key = "%s"
        address = "10.6.0.3"
        allow = "alice"
        [[device]]
        name = "c"
        public_key = "%s"
        address = "10.6.0.4"
        [[device]]
        name = "d"
        tailnet = "none"
        public_key = "%s"
        address = "10.6.0.5"
        allow = []
        """
            .formatted(KEY, KEY_2, ConfigText.publicKey(3), ConfigText.publicKey(4)),
        "devices.toml:3:1: allow in [defaults]: \"bob smith\" is not possible; write a login"
            + " (\"alice@example.net\"), a tag (\"tag:ops\"), or \"*\" alone for everybody",
        "devices.toml:3:1: allow in [defaults]: \"group:ops\" is not possible: the tailnet does not"
            + " say who is in a group; write the logins of its members, or a tag",
        "devices.toml:3:1: allow in [defaults]: \"tag:\" is not possible; write a login"
            + " (\"alice@example.net\"), a tag (\"tag:ops\"), or \"*\" alone for everybody",
        "devices.toml:3:1: allow in [defaults]: \"host:80\" is not possible; write a login"
            + " (\"alice@example.net\"), a tag (\"tag:ops\"), or \"*\" alone for everybody",
        "devices.toml:8:1: allow in [[device]] \"a\": \"*\" is everybody; remove it, or remove the"
            + " others",
        "devices.toml:13:1: allow in [[device]] \"b\": must be a list of strings; write it like"
            + " [\"…\"]",
        "devices.toml:23:1: allow in [[device]] \"d\": has no use with tailnet = \"none\"; remove"
            + " one of the two");
  }

  @Test
  void namesInTheTunnel() throws Exception {
    says(
        "[bridge]\ndns_servers = [\"ns.example.net\"]\n[tailnet.home]\n"
            + device("a", KEY, "10.6.0.2")
            + "dns = \"yes\"\nntp = 1\n"
            + device("b", KEY_2, "10.6.0.3")
            + "tailnet = \"none\"\ndns = \"tailnet\"\n",
        "devices.toml:2:1: dns_servers in [bridge]: \"ns.example.net:53\" does not begin with an IP"
            + " address; names are not looked up here, write it like \"127.0.0.1:53\"",
        "devices.toml:8:1: dns in [[device]] \"a\": \"yes\" is not possible; write \"tailnet\" or"
            + " \"all\" or \"off\"",
        "devices.toml:9:1: ntp in [[device]] \"a\": must be a boolean; write it as true or false,"
            + " without quotes",
        "devices.toml:15:1: dns in [[device]] \"b\": has no use with tailnet = \"none\"; write dns ="
            + " \"all\", or remove one of the two");
  }

  @Test
  void presenceOfADevice() throws Exception {
    says(
        "[tailnet.home]\n[defaults]\nephemeral = \"yes\"\n"
            + device("a", KEY, "10.6.0.2")
            + "presence = \"sometimes\"\n"
            + device("b", KEY_2, "10.6.0.3")
            + "ephemeral = true\npresence = \"follow-device\"\n"
            + device("c", ConfigText.publicKey(3), "10.6.0.4")
            + "tailnet = \"none\"\npresence = \"always\"\nephemeral = false\n",
        "devices.toml:3:1: ephemeral in [defaults]: must be a boolean; write it as true or"
            + " false, without quotes",
        "devices.toml:8:1: presence in [[device]] \"a\": \"sometimes\" is not possible; write"
            + " \"always\" or \"follow-device\"",
        "devices.toml:14:1: presence in [[device]] \"b\": the control server deletes an ephemeral"
            + " machine that is offline; remove presence or ephemeral",
        "devices.toml:20:1: presence in [[device]] \"c\": has no use with tailnet = \"none\"; remove"
            + " one of the two",
        "devices.toml:21:1: ephemeral in [[device]] \"c\": has no use with tailnet = \"none\";"
            + " remove one of the two");
  }

  @Test
  void connectionsOfADevice() throws Exception {
    says(
        "[tailnet.home]\n[defaults]\nmax_connections = \"4\"\nhold = \"601s\"\n[[device]]\nname = \"a\"\n"
            + "public_key = \"%s\"\naddress = \"10.6.0.2\"\nmax_connections = 0\n".formatted(KEY),
        "devices.toml:4:1: hold in [defaults]: \"601s\" is not possible; write seconds from \"1s\" to"
            + " \"600s\"",
        "devices.toml:9:1: max_connections in [[device]] \"a\": 0 is not possible; write a number"
            + " from 1 to 1024");
    says(
        "[tailnet.home]\n[defaults]\nmax_connections = \"4\"\nhold = \"5s\"\n[[device]]\nname = \"a\"\n"
            + "public_key = \"%s\"\naddress = \"10.6.0.2\"\ntcp = \"routed\"\n".formatted(KEY)
            + "hold = \"5s\"\n",
        "devices.toml:3:1: max_connections in [defaults]: must be an integer; write it without"
            + " quotes",
        "devices.toml:10:1: hold in [[device]] \"a\": has no use with tcp = \"routed\"; remove one"
            + " of the two");
  }

  @Test
  void tablesOfTheWrongShape() throws Exception {
    says(
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
    says(
        "tailnet = [1]\ndevice = [1]\n",
        "devices.toml:1:1: \"tailnet\" must be a table; write [tailnet.NAME]",
        "devices.toml:2:11: each device is a table; write [[device]]");
  }

  @Test
  void valuesOfTheWrongType() throws Exception {
    says(
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
    says(
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
    says(
        "bridge.listen = [\"127.0.0.1:1\", \"127.0.0.1:1\", \"127.0.0.1:0\", \"127.0.0.1:0\"]\n",
        "devices.toml:1:1: listen in [bridge]: \"127.0.0.1:1\" is there twice; remove one");
    says(
        "bridge.listen = []\n",
        "devices.toml:1:1: listen in [bridge]: is empty; write an address, or remove the key");
  }

  @Test
  void networks() throws Exception {
    says(
        "bridge.network = \"100.100.0.0/16\"\n",
        "devices.toml:1:1: network in [bridge]: \"100.100.0.0/16\" overlaps 100.64.0.0/10, where"
            + " tailnets have their addresses; write another, such as \"10.6.0.0/24\"");
    says(
        "bridge.network = \"10.6.0.0/31\"\n",
        "devices.toml:1:1: network in [bridge]: a network of /31 is not possible here; write one"
            + " between /8 and /30");
    says(
        "bridge.network = \"fd00::/64\"\n",
        "devices.toml:1:1: network in [bridge]: \"fd00::/64\" is not an IPv4 network; write it like"
            + " \"10.6.0.0/24\"");
    says(
        "bridge.network = \"224.0.0.0/24\"\n",
        "devices.toml:1:1: network in [bridge]: \"224.0.0.0/24\" cannot be used for hosts; write"
            + " another, such as \"10.6.0.0/24\"");
  }

  @Test
  void namesAndAddressesOfDevices() throws Exception {
    says(
        device("Greenhouse", KEY, "10.6.0.2")
            + "hostname = \"a_b\"\nkeepalive = \"0s\"\nsource = \"x\"\nstale_clock = \"accept\"\n"
            + device("-a", KEY_2, "10.7.0.2")
            + device("b", ConfigText.publicKey(3), "10.6.0.1")
            + device("c", ConfigText.publicKey(4), "10.6.0.255")
            + device("d", ConfigText.publicKey(5), "10.6.0.0/24")
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
    says(
        "[tailnet.home]\n[tailnet.work]\n[defaults]\ntailnet = \"home\"\n"
            + device("a", KEY, "10.6.0.2")
            + device("a", KEY_2, "10.6.0.3")
            + device("b", KEY, "10.6.0.4")
            + device("c", ConfigText.publicKey(3), "10.6.0.2")
            + device("d", ConfigText.publicKey(4), "10.6.0.5")
            + "hostname = \"a\"\n"
            + device("e", ConfigText.publicKey(5), "10.6.0.6")
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
    says(
        "[tailnet.home]\n"
            + device("a", KEY.substring(1), "10.6.0.2")
            + "preshared_key = \""
            + "*".repeat(44)
            + "\"\n"
            + device("b", KEY.substring(0, 42) + "/=", "10.6.0.3"),
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
  void keysInTheWrongPlace() throws Exception {
    String bridge = ConfigText.BRIDGE_KEY.toBase64();
    says(
        "[bridge]\nprivate_key = \""
            + bridge
            + "\"\n[tailnet.home]\n"
            + device("a", bridge, "10.6.0.2")
            + device("b", ConfigText.BRIDGE_KEY.publicKey().toBase64(), "10.6.0.3"),
        "devices.toml:6:1: public_key in [[device]] \"a\": is the bridge's private key; write the"
            + " public key of the device itself",
        "devices.toml:10:1: public_key in [[device]] \"b\": is the bridge's own key; write the public"
            + " key of the device itself");
  }

  @Test
  void secretsThatCannotBeRead() throws Exception {
    text.with("empty.key", "\n", "rw-------");
    text.with("two.key", "one\ntwo\n", "rw-------");
    text.with("big.key", "x".repeat(5000), "rw-------");
    Files.createDirectory(folder.resolve("dir"));
    Files.write(folder.resolve("binary.key"), new byte[] {(byte) 0xff});
    text.environment.put("EMPTY", " ");
    says(
        """
        [bridge]
        private_key = "secret"
        private_key_file = "bridge.key"
        [tailnet.a]
        auth_key_file = "absent.key"
        [tailnet.b]
        auth_key_file = "empty.key"
        [tailnet.c]
        auth_key_file = "two.key"
        [tailnet.d]
        auth_key_file = "dir"
        [tailnet.e]
        auth_key_env = "ABSENT"
        [tailnet.f]
        auth_key_env = "EMPTY"
        [tailnet.g]
        auth_key_file = "big.key"
        [tailnet.h]
        auth_key_file = "binary.key"
        [tailnet.i]
        auth_key = ""
        """,
        "devices.toml:3:1: private_key_file in [bridge]: \"private_key\" is there too; keep one of"
            + " private_key, private_key_file",
        "devices.toml:5:1: auth_key_file in [tailnet.a]: absent.key does not exist; make it, or"
            + " remove the key",
        "devices.toml:7:1: auth_key_file in [tailnet.b]: empty.key is empty; put the secret there,"
            + " in one line",
        "devices.toml:9:1: auth_key_file in [tailnet.c]: has white space inside; a secret is one"
            + " word in one line",
        "devices.toml:11:1: auth_key_file in [tailnet.d]: dir is a folder; name the file with the"
            + " secret",
        "devices.toml:13:1: auth_key_env in [tailnet.e]: the environment variable ABSENT is not set;"
            + " set it, or use auth_key_file",
        "devices.toml:15:1: auth_key_env in [tailnet.f]: the environment variable EMPTY is empty;"
            + " put the secret there, in one line",
        "devices.toml:17:1: auth_key_file in [tailnet.g]: big.key is too big for a secret; it should"
            + " hold one line",
        "devices.toml:19:1: auth_key_file in [tailnet.h]: binary.key is not a text file; it should"
            + " hold one line",
        "devices.toml:21:1: auth_key in [tailnet.i]: is empty; put the secret there, in one line");
  }

  @Test
  void credentialsMixedUp() throws Exception {
    says(
        """
        [tailnet.a]
        auth_key = "tskey-client-abc"
        [tailnet.b]
        auth_key = "tskey-api-abc"
        [tailnet.c]
        oauth_client_secret = "tskey-auth-abc"
        tags = ["tag:x"]
        [tailnet.d]
        oauth_client_secret = "tskey-client-abc"
        [tailnet.e]
        oauth_client_secret = "tskey-client-abc"
        auth_key = "tskey-auth-abc"
        tags = ["esp32"]
        [tailnet.f]
        api_key = "hskey-auth-abc"
        """,
        "devices.toml:2:1: auth_key in [tailnet.a]: is an OAuth client secret, not an auth key; put"
            + " it into oauth_client_secret_file of the tailnet",
        "devices.toml:4:1: auth_key in [tailnet.b]: is an API access token, not an auth key; make an"
            + " auth key (headscale: preauthkeys create) and put that here",
        "devices.toml:6:1: oauth_client_secret in [tailnet.c]: is not an OAuth client secret, which"
            + " begins with tskey-client-; an auth key goes into auth_key_file",
        "devices.toml:9:1: oauth_client_secret in [tailnet.d]: nodes that an OAuth client makes must"
            + " have tags; write tags = [\"tag:esp32\"]",
        "devices.toml:11:1: oauth_client_secret in [tailnet.e]: there is an auth_key too; keep one"
            + " of the two",
        "devices.toml:13:1: tags in [tailnet.e]: \"esp32\" is not a tag; write it like"
            + " \"tag:esp32\"",
        "devices.toml:15:1: api_key in [tailnet.f]: is no API access token, with which nodes are"
            + " deleted; make one (headscale: apikeys create) and put that here");
  }

  @Test
  void tailnets() throws Exception {
    says(
        """
        [tailnet.none]
        [tailnet.Home]
        control_url = "headscale.example.net"
        """
            + device("a", KEY, "10.6.0.2")
            + device("b", KEY_2, "10.6.0.3")
            + "tailnet = \"home\"\n"
            + device("c", ConfigText.publicKey(3), "10.6.0.4")
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
    says(
        device("a", KEY, "10.6.0.2"),
        "devices.toml:1:1: \"tailnet\" is missing in [[device]] \"a\"; add a [tailnet.NAME], or write"
            + " tailnet = \"none\" for a plain WireGuard peer");
  }

  @Test
  void aWrongDefaultIsReportedOnce() throws Exception {
    says(
        "[tailnet.home]\n[defaults]\nkeepalive = \"soon\"\n"
            + device("a", KEY, "10.6.0.2")
            + device("b", KEY_2, "10.6.0.3"),
        "devices.toml:3:1: keepalive in [defaults]: \"soon\" is not possible; write seconds from"
            + " \"1s\" to \"65535s\", or \"off\"");
  }

  private static String device(String name, String key, String address) {
    return "[[device]]\nname = \""
        + name
        + "\"\npublic_key = \""
        + key
        + "\"\naddress = \""
        + address
        + "\"\n";
  }

  private void says(String toml, String... problems) throws Exception {
    assertThat(text.problems(toml)).containsExactly(problems);
  }
}
