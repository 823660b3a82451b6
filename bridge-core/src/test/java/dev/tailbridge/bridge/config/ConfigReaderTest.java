package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.config.BridgeSection.Crypto;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import dev.tailbridge.bridge.config.DeviceSection.Source;
import dev.tailbridge.bridge.config.DeviceSection.StaleClock;
import dev.tailbridge.bridge.config.DeviceSection.Tcp;
import dev.tailbridge.bridge.config.TunnelServices.Dns;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigReaderTest {
  private static final String MINIMAL =
      """
      [tailnet.home]

      [[device]]
      name = "greenhouse"
      public_key = "%s"
      address = "10.6.0.2"
      """
          .formatted(ConfigText.DEVICE_KEY);

  @TempDir Path folder;
  private ConfigText text;

  @BeforeEach
  void prepare() {
    text = new ConfigText(folder);
  }

  @Test
  void leftOutKeysHaveTheirDefaults() throws Exception {
    LoadedConfig loaded = text.read(MINIMAL);

    assertThat(loaded.warnings()).isEmpty();
    BridgeSection bridge = loaded.config().bridge();
    assertThat(bridge.endpoint()).isNull();
    assertThat(bridge.listen()).hasToString("[/0.0.0.0:51820, /[0:0:0:0:0:0:0:0]:51820]");
    assertThat(bridge.listenIsDefault()).isTrue();
    assertThat(bridge.privateKey()).isNull();
    assertThat(bridge.network()).hasToString("10.6.0.0/24");
    assertThat(bridge.network().bridgeAddress().getHostAddress()).isEqualTo("10.6.0.1");
    assertThat(bridge.stateDir()).isEqualTo(folder.resolve("state"));
    assertThat(bridge.crypto()).isEqualTo(Crypto.AUTO);
    assertThat(bridge.logLevel()).isEqualTo(LogLevel.INFO);
    assertThat(bridge.logFormat()).isEqualTo(LogFormat.TEXT);
    assertThat(loaded.config().admin().listen()).hasToString("/127.0.0.1:8080");
    DeviceSection device = loaded.config().devices().get(0);
    assertThat(device.tailnet()).isEqualTo("home");
    assertThat(device.hostname()).isEqualTo("greenhouse");
    assertThat(device.presharedKey()).isNull();
    assertThat(device.authKey()).isNull();
    assertThat(device.source()).isEqualTo(Source.GATEWAY);
    assertThat(device.keepalive()).isEqualTo(Duration.ofSeconds(25));
    assertThat(device.staleClock()).isEqualTo(StaleClock.REVERSE);
    assertThat(device.tcp()).isEqualTo(Tcp.SPLICE);
    assertThat(device.services().ntp()).isTrue();
  }

  @Test
  void portsOfADeviceReplaceThoseOfTheDefaults() throws Exception {
    String text =
        MINIMAL.replace("[[device]]", "[defaults]\nports = { udp = [], ping = false }\n[[device]]");
    DevicePorts defaults = this.text.read(text).config().devices().get(0).ports();
    assertThat(defaults).isEqualTo(new DevicePorts(null, List.of(), false));

    DevicePorts own =
        this.text
            .read(text + "ports = { tcp = [80, \"8000-8100\", \"808:80\"] }\n")
            .config()
            .devices()
            .get(0)
            .ports();
    assertThat(own.udp()).as("open unless it is told otherwise").isNull();
    assertThat(own.ping()).isTrue();
    assertThat(own.tcp())
        .containsExactly(
            new PortRange(80, 80, 80),
            new PortRange(8000, 8100, 8000),
            new PortRange(808, 808, 80));
    assertThat(own.tcp()).hasToString("[80, 8000-8100, 808:80]");
  }

  @Test
  void callersOfADevice() throws Exception {
    assertThat(text.read(MINIMAL).config().devices().get(0).allow()).isNull();
    assertThat(text.read(MINIMAL + "allow = []\n").config().devices().get(0).allow()).isEmpty();
    String defaults =
        "[defaults]\nallow = [\"alice@example.net\", \"bob\", \"tag:ops\"]\n[[device]]";
    String all = MINIMAL.replace("[[device]]", defaults);
    assertThat(text.read(all).config().devices().get(0).allow())
        .containsExactly("alice@example.net", "bob", "tag:ops");
    assertThat(text.read(all + "allow = [\"*\"]\n").config().devices().get(0).allow())
        .as("everybody again")
        .isNull();
  }

  @Test
  void namesInTheTunnel() throws Exception {
    assertThat(text.read(MINIMAL).config().devices().get(0).services().dns())
        .isEqualTo(Dns.TAILNET);
    String all = MINIMAL + "dns = \"all\"\n";
    assertThat(text.read(all).config().devices().get(0).services().dns()).isEqualTo(Dns.ALL);
    String plain = MINIMAL + "tailnet = \"none\"\n";
    assertThat(text.read(plain).config().devices().get(0).services().dns()).isEqualTo(Dns.OFF);
    String servers =
        "[bridge]\ndns_servers = [\"192.0.2.53\", \"192.0.2.54:5353\", \"2001:db8::53\","
            + " \"[2001:db8::54]:5353\"]\n";
    assertThat(text.read(servers + MINIMAL).config().bridge().dnsServers())
        .hasToString(
            "[/192.0.2.53:53, /192.0.2.54:5353, /[2001:db8:0:0:0:0:0:53]:53,"
                + " /[2001:db8:0:0:0:0:0:54]:5353]");
  }

  @Test
  void theTimeInTheTunnelCanBeSwitchedOff() throws Exception {
    String off = MINIMAL.replace("[[device]]", "[defaults]\nntp = false\n[[device]]");
    assertThat(text.read(off).config().devices().get(0).services().ntp()).isFalse();
    assertThat(text.read(off + "ntp = true\n").config().devices().get(0).services().ntp()).isTrue();
  }

  /** What the list of keys gives as a default is what the readers take for one. */
  @Test
  void writingOutTheDefaultsChangesNothing() throws Exception {
    String device = MINIMAL.substring(MINIMAL.indexOf("[[device]]"));
    String explicit =
        "[bridge]\n"
            + defaults(Section.BRIDGE)
            + "[admin]\n"
            + defaults(Section.ADMIN)
            + "[tailnet.home]\n"
            + defaults(Section.TAILNET)
            + "[defaults]\n"
            + defaults(Section.DEVICE)
            + device;

    BridgeConfig written = text.read(explicit).config();
    BridgeConfig leftOut = text.read(MINIMAL).config();

    assertThat(written.devices()).isEqualTo(leftOut.devices());
    assertThat(written.tailnets()).isEqualTo(leftOut.tailnets());
    assertThat(written.admin()).isEqualTo(leftOut.admin());
    assertThat(written.bridge())
        .usingRecursiveComparison()
        .ignoringFields("listenIsDefault")
        .isEqualTo(leftOut.bridge());
    assertThat(written.bridge().listenIsDefault()).isFalse();
  }

  private static String defaults(Section section) {
    return section.keys().values().stream()
        .filter(key -> !key.defaultText().isEmpty())
        .map(key -> key.name() + " = " + key.defaultText() + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void everyKeyReachesItsRecord() throws Exception {
    String presharedKey = ConfigText.publicKey(9);
    text.with("bridge.key", ConfigText.BRIDGE_KEY.toBase64() + "\n", "rw-------");
    text.with("sub.psk", presharedKey + "\n", "rw-------");
    text.environment.put("ALICE_KEY", "tskey-auth-alice");

    BridgeConfig config =
        text.read(
                """
                [bridge]
                endpoint = "bridge.example.net:51820"
                listen = ["127.0.0.1:5555", "[::1]:5556"]
                private_key_file = "bridge.key"
                network = "10.7.0.0/16"
                state_dir = "/var/lib/tailbridge"
                crypto = "bouncycastle"
                log = "debug"
                log_format = "json"

                [admin]
                listen = "[::1]:9090"

                [tailnet.home]
                control_url = "https://headscale.example.net"
                auth_key = "hskey-auth-1"

                [tailnet.work]
                oauth_client_secret = "tskey-client-1"
                tags = ["tag:esp32", "tag:garden"]
                api_key = "tskey-api-1"
                mode = "sidecar"

                [defaults]
                keepalive = "off"
                stale_clock = "drop"
                preshared_key_file = "sub.psk"

                [[device]]
                name = "greenhouse"
                public_key = "%s"
                address = "10.7.1.2"
                tailnet = "home"
                hostname = "glass"
                auth_key_env = "ALICE_KEY"
                presence = "follow-device"
                source = "client"
                tcp = "routed"

                [[device]]
                name = "plain"
                public_key = "%s"
                preshared_key = "%s"
                address = "10.7.1.3"
                tailnet = "none"
                keepalive = "65535s"
                stale_clock = "tentative"
                max_connections = 4
                hold = "30s"
                """
                    .formatted(
                        ConfigText.DEVICE_KEY, ConfigText.publicKey(2), ConfigText.publicKey(8)))
            .config();

    assertThat(config.bridge().endpoint()).hasToString("bridge.example.net:51820");
    assertThat(config.bridge().listen()).hasToString("[/127.0.0.1:5555, /[0:0:0:0:0:0:0:1]:5556]");
    assertThat(config.bridge().privateKey()).isEqualTo(ConfigText.BRIDGE_KEY);
    assertThat(config.bridge().network().bridgeAddress().getHostAddress()).isEqualTo("10.7.0.1");
    assertThat(config.bridge().stateDir()).isEqualTo(Path.of("/var/lib/tailbridge"));
    assertThat(config.bridge().crypto()).isEqualTo(Crypto.BOUNCYCASTLE);
    assertThat(config.bridge().logLevel()).isEqualTo(LogLevel.DEBUG);
    assertThat(config.bridge().logFormat()).isEqualTo(LogFormat.JSON);
    assertThat(config.admin().listen()).hasToString("/[0:0:0:0:0:0:0:1]:9090");
    assertThat(config.tailnets())
        .isEqualTo(
            Map.of(
                "home",
                new TailnetSection(
                    "home",
                    URI.create("https://headscale.example.net"),
                    new Secret("hskey-auth-1"),
                    null,
                    List.of(),
                    null,
                    TailnetSection.Mode.EMBEDDED),
                "work",
                new TailnetSection(
                    "work",
                    null,
                    null,
                    new Secret("tskey-client-1"),
                    List.of("tag:esp32", "tag:garden"),
                    new Secret("tskey-api-1"),
                    TailnetSection.Mode.SIDECAR)));
    DeviceSection greenhouse = config.devices().get(0);
    assertThat(greenhouse.hostname()).isEqualTo("glass");
    assertThat(greenhouse.address().getHostAddress()).isEqualTo("10.7.1.2");
    assertThat(greenhouse.authKey()).isEqualTo(new Secret("tskey-auth-alice"));
    assertThat(greenhouse.source()).isEqualTo(Source.CLIENT);
    assertThat(greenhouse.keepalive()).isEqualTo(Duration.ZERO);
    assertThat(greenhouse.staleClock()).isEqualTo(StaleClock.DROP);
    assertThat(greenhouse.presharedKey()).isNotNull();
    assertThat(greenhouse.presharedKey().toBase64()).isEqualTo(presharedKey);
    DeviceSection plain = config.devices().get(1);
    assertThat(plain.tailnet()).isNull();
    assertThat(plain.keepalive()).isEqualTo(Duration.ofSeconds(65535));
    assertThat(plain.staleClock()).isEqualTo(StaleClock.TENTATIVE);
    assertThat(greenhouse.tcp()).isEqualTo(Tcp.ROUTED);
    assertThat(plain.tcp()).isEqualTo(Tcp.SPLICE);
    assertThat(plain.maxConnections()).isEqualTo(4);
    assertThat(plain.hold()).isEqualTo(Duration.ofSeconds(30));
    assertThat(greenhouse.maxConnections()).isEqualTo(1024);
    assertThat(greenhouse.hold()).isEqualTo(Duration.ofSeconds(10));
    assertThat(plain.presharedKey()).isNotNull();
    assertThat(plain.presharedKey().toBase64())
        .as("a device's inline secret comes before a default file")
        .isEqualTo(ConfigText.publicKey(8));
  }

  @Test
  void noRecordShowsASecret() throws Exception {
    text.with("bridge.key", ConfigText.BRIDGE_KEY.toBase64(), "rw-------");
    BridgeConfig config =
        text.read(
                """
                bridge.private_key_file = "bridge.key"
                defaults.preshared_key = "%s"
                defaults.auth_key = "tskey-auth-hidden"
                """
                        .formatted(ConfigText.publicKey(8))
                    + MINIMAL)
            .config();

    assertThat(config.toString())
        .contains("greenhouse")
        .doesNotContain(ConfigText.BRIDGE_KEY.toBase64())
        .doesNotContain(ConfigText.publicKey(8))
        .doesNotContain("tskey");
  }

  @Test
  void secretsThatOthersCanReadAreAWarning() throws Exception {
    text.with("home.key", "tskey-auth-1", "rw-r--r--");
    LoadedConfig loaded =
        text.read(
            "[tailnet.other]\nauth_key_file = \"home.key\"\n" + MINIMAL + "tailnet = \"home\"\n");
    assertThat(text.lines(loaded.warnings()))
        .containsExactly(
            "devices.toml:2:1: auth_key_file in [tailnet.other]: others can read home.key; run:"
                + " chmod 600 home.key");
  }

  @Test
  void anInlineSecretInAReadableFileIsOneWarning() throws Exception {
    String toml =
        "[tailnet.other]\nauth_key = \"tskey-auth-1\"\n"
            + MINIMAL
            + "tailnet = \"home\"\nauth_key = \"tskey-auth-2\"\n";
    assertThat(text.read(toml).warnings()).isEmpty();
    text.with("devices.toml", toml, "rw-r-----");
    LoadedConfig loaded = ConfigReader.read(text.file, text.environment::get);
    assertThat(text.lines(loaded.warnings()))
        .containsExactly(
            "devices.toml: others can read this file and the secrets in it; run: chmod 600"
                + " devices.toml");
  }

  @Test
  void aFileWithoutDevicesIsAWarning() throws Exception {
    assertThat(text.lines(text.read("").warnings()))
        .containsExactly(
            "devices.toml: there is no [[device]] yet, so nothing can connect; add one");
  }
}
