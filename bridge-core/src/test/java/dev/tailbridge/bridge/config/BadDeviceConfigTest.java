package dev.tailbridge.bridge.config;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people get wrong in a [[device]], and the exact line that tells them. */
final class BadDeviceConfigTest {
  private static final String KEY = ConfigText.DEVICE_KEY;
  private static final String KEY_2 = ConfigText.publicKey(2);

  @TempDir Path folder;
  private ConfigText text;

  @BeforeEach
  void prepare() {
    text = new ConfigText(folder);
  }

  @Test
  void healthOfDevices() throws Exception {
    text.says(
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
    text.says(
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
    text.says(
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
    text.says(
        "[bridge]\ndns_servers = [\"ns.example.net\"]\n[tailnet.home]\n"
            + ConfigText.device("a", KEY, "10.6.0.2")
            + "dns = \"yes\"\nntp = 1\n"
            + ConfigText.device("b", KEY_2, "10.6.0.3")
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
    text.says(
        "[tailnet.home]\n[defaults]\nephemeral = \"yes\"\n"
            + ConfigText.device("a", KEY, "10.6.0.2")
            + "presence = \"sometimes\"\n"
            + ConfigText.device("b", KEY_2, "10.6.0.3")
            + "ephemeral = true\npresence = \"follow-device\"\n"
            + ConfigText.device("c", ConfigText.publicKey(3), "10.6.0.4")
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
    text.says(
        "[tailnet.home]\n[defaults]\nmax_connections = \"4\"\nhold = \"601s\"\n[[device]]\nname = \"a\"\n"
            + "public_key = \"%s\"\naddress = \"10.6.0.2\"\nmax_connections = 0\n".formatted(KEY),
        "devices.toml:4:1: hold in [defaults]: \"601s\" is not possible; write seconds from \"1s\" to"
            + " \"600s\"",
        "devices.toml:9:1: max_connections in [[device]] \"a\": 0 is not possible; write a number"
            + " from 1 to 1024");
    text.says(
        "[tailnet.home]\n[defaults]\nmax_connections = \"4\"\nhold = \"5s\"\n[[device]]\nname = \"a\"\n"
            + "public_key = \"%s\"\naddress = \"10.6.0.2\"\ntcp = \"routed\"\n".formatted(KEY)
            + "hold = \"5s\"\n",
        "devices.toml:3:1: max_connections in [defaults]: must be an integer; write it without"
            + " quotes",
        "devices.toml:10:1: hold in [[device]] \"a\": has no use with tcp = \"routed\"; remove one"
            + " of the two");
  }
}
