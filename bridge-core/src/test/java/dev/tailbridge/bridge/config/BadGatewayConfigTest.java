package dev.tailbridge.bridge.config;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers to dial and gateway rules that people get wrong, and the exact line that tells them. */
final class BadGatewayConfigTest {
  private static final String KEY = ConfigText.DEVICE_KEY;
  private static final String KEY_2 = ConfigText.publicKey(2);

  @TempDir Path folder;
  private ConfigText text;

  @BeforeEach
  void prepare() {
    text = new ConfigText(folder);
  }

  @Test
  void serversToDial() throws Exception {
    text.says(
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
    text.says(
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
    text.says(
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
        [[gateway]]
        mode = "egress"
        protocol = "udp"
        listen = "123"
        target = "example.net:123"
        from = ["hall"]
        [[gateway]]
        mode = "egress"
        listen = "123"
        target = "example.net:123"
        from = ["hall"]
        [[gateway]]
        mode = "ingress"
        protocol = "udp"
        listen = "0.0.0.0:9000"
        target = "hall:69"
        idle = "30s"
        [[gateway]]
        mode = "ingress"
        listen = "0.0.0.0:9001"
        target = "hall:80"
        [[gateway]]
        mode = "ingress"
        protocol = "sctp"
        listen = "0.0.0.0:9002"
        target = "greenhouse:80"
        """
            .formatted(KEY, KEY_2),
        "devices.toml:13:1: \"mode\" is missing in [[gateway]] number 1; write \"ingress\" (host to"
            + " tunnel) or \"egress\" (tunnel to network)",
        "devices.toml:15:1: mode in [[gateway]] number 2: \"ingres\" is not possible; write"
            + " \"ingress\" or \"egress\"",
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
        "devices.toml:40:1: from in [[gateway]] number 7: there is no [[device]] \"cellar\"; add it,"
            + " or write another",
        "devices.toml:45:1: from in [[gateway]] number 8: is empty, so nobody could use the rule;"
            + " name devices, or write [\"*\"]",
        "devices.toml:48:1: listen in [[gateway]] number 9: port 53 is where the bridge itself tells"
            + " \"greenhouse\" names; write another port, or dns = \"off\" for that device",
        "devices.toml:54:1: listen in [[gateway]] number 10: port 123 is where the bridge itself tells"
            + " \"hall\" the time; write another port, or ntp = false for that device",
        "devices.toml:67:1: idle in [[gateway]] number 12: \"30s\" is not possible; write seconds from"
            + " \"120s\" to \"86400s\"",
        "devices.toml:71:1: target in [[gateway]] number 13: the bridge calls only devices whose TCP"
            + " ends in it, which that of \"hall\" does not; remove its tcp = \"routed\", or name another"
            + " device",
        "devices.toml:74:1: protocol in [[gateway]] number 14: \"sctp\" is not possible; write \"tcp\" or"
            + " \"udp\"");
  }
}
