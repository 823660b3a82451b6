package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tailbridge.bridge.config.GatewaySection.Mode;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The environment of wg-tinyproxy, and what people get wrong in it. */
final class EnvironmentReaderTest {
  private static final String OURS = ConfigText.BRIDGE_KEY.toBase64();
  private static final String SERVERS = ConfigText.publicKey(1);

  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void whatItsReadmeShows() {
    environment.putAll(
        Map.of(
            "WG_PRIVATE_KEY", OURS,
            "WG_PUBLIC_KEY", SERVERS,
            "WG_ADDRESS", "10.8.0.2",
            "WG_ALLOWED_IP", "10.8.0.0/24",
            "WG_ENDPOINT", "vpn.example.net:51820",
            "TARGET_HOST", "gateway.svc",
            "PORT_MAPPINGS", "8080:80, 443,50051:50051,"));
  }

  private BridgeConfig read() throws ConfigException {
    return EnvironmentReader.read(environment::get, folder).config();
  }

  private List<String> problems() {
    try {
      read();
      return List.of();
    } catch (ConfigException e) {
      return e.problems().stream().map(Problem::toString).toList();
    }
  }

  @Test
  void egressWithSeveralPorts() throws Exception {
    BridgeConfig config = read();
    UplinkSection uplink = config.uplinks().get(0);
    assertThat(uplink.endpoint()).hasToString("vpn.example.net:51820");
    assertThat(uplink.publicKey().toBase64()).isEqualTo(SERVERS);
    assertThat(uplink.allowedIps()).hasToString("[10.8.0.0/24]");
    assertThat(uplink.localAddresses()).hasToString("[/10.8.0.2]");
    assertThat(uplink.keepalive()).isEqualTo(Duration.ofSeconds(25));
    assertThat(uplink.mtu()).isEqualTo(1420);
    assertThat(config.gateways())
        .extracting(GatewaySection::toString)
        .containsExactly(
            "egress tcp port 8080 of server to gateway.svc:80",
            "egress tcp port 443 of server to gateway.svc:443",
            "egress tcp port 50051 of server to gateway.svc:50051");
    assertThat(config.devices()).isEmpty();
    assertThat(config.tailnets()).isEmpty();
    assertThat(config.bridge().privateKey()).isEqualTo(ConfigText.BRIDGE_KEY);
    assertThat(config.bridge().stateDir()).isEqualTo(folder);
    assertThat(config.bridge().listen()).extracting(InetSocketAddress::getPort).containsOnly(0);
  }

  @Test
  void aPortMayBeOfUdp() throws Exception {
    environment.put("PORT_MAPPINGS", "53,53/udp,514:5514/UDP,80:81/tcp");
    assertThat(read().gateways())
        .extracting(GatewaySection::toString, rule -> rule.idle().toSeconds())
        .containsExactly(
            tuple("egress tcp port 53 of server to gateway.svc:53", 7440L),
            tuple("egress udp port 53 of server to gateway.svc:53", 300L),
            tuple("egress udp port 514 of server to gateway.svc:5514", 300L),
            tuple("egress tcp port 80 of server to gateway.svc:81", 7440L));
  }

  @Test
  void ingressWithTheOlderPairOfPorts() throws Exception {
    environment.remove("PORT_MAPPINGS");
    environment.put("PROXY_MODE", "ingress");
    environment.put("LOCAL_PORT", "8080");
    environment.put("TARGET_PORT", "80");
    environment.put("TARGET_HOST", "10.8.0.5");
    environment.put("LISTEN_ADDR", "127.0.0.1");
    GatewaySection rule = read().gateways().get(0);
    assertThat(rule.mode()).isEqualTo(Mode.INGRESS);
    assertThat(rule).hasToString("ingress tcp 127.0.0.1:8080 to 10.8.0.5:80");
    environment.remove("LISTEN_ADDR");
    assertThat(read().gateways().get(0)).hasToString("ingress tcp 0.0.0.0:8080 to 10.8.0.5:80");
  }

  @Test
  void keysInHexAndInFiles() throws Exception {
    Path file = Files.writeString(folder.resolve("key"), OURS + "\n");
    environment.remove("WG_PRIVATE_KEY");
    environment.put("WG_PRIVATE_KEY_FILE", file.toString());
    byte[] key = Base64.getDecoder().decode(SERVERS);
    environment.put("WG_PUBLIC_KEY", HexFormat.of().formatHex(key));
    environment.put("WG_PRESHARED_KEY", OURS);
    BridgeConfig config = read();
    assertThat(config.bridge().privateKey()).isEqualTo(ConfigText.BRIDGE_KEY);
    assertThat(config.uplinks().get(0).publicKey().toBase64()).isEqualTo(SERVERS);
    assertThat(config.uplinks().get(0).presharedKey()).isNotNull();
  }

  @Test
  void whatWgConfHasIsTaken() throws Exception {
    environment.put("WG_ADDRESS", "10.8.0.2/24, fd00::2/64");
    environment.put("WG_ALLOWED_IP", "10.8.0.0/24, fd00::/64");
    environment.put("WG_KEEPALIVE", "0");
    UplinkSection uplink = read().uplinks().get(0);
    assertThat(uplink.localAddresses()).hasSize(2);
    assertThat(uplink.allowedIps()).hasSize(2);
    assertThat(uplink.keepalive()).isZero();
  }

  @Test
  void aLargerMtuThanThereIsIsToldAndCut() throws Exception {
    environment.put("WG_MTU", "1500");
    LoadedConfig loaded = EnvironmentReader.read(environment::get, folder);
    assertThat(loaded.config().uplinks().get(0).mtu()).isEqualTo(1420);
    assertThat(loaded.warnings())
        .extracting(Problem::toString)
        .containsExactly(
            "environment: WG_MTU: 1500 is more than the bridge sends in a packet; it takes 1420");
  }

  @Test
  void whatIsMissingIsNamedWithWhatToWrite() {
    environment.clear();
    assertThat(problems())
        .containsExactly(
            "environment: WG_PRIVATE_KEY: is not set; write the bridge's own key, in base64 or hex,"
                + " or name a file with it in WG_PRIVATE_KEY_FILE",
            "environment: WG_PUBLIC_KEY: is not set; write the server's key, in base64 or hex, or"
                + " name a file with it in WG_PUBLIC_KEY_FILE",
            "environment: WG_ADDRESS: is not set; write the bridge's own address",
            "environment: WG_ALLOWED_IP: is not set; write what is behind the server",
            "environment: WG_ENDPOINT: is not set; write the server's host and port",
            "environment: TARGET_HOST: is not set; write the host that callers are passed on to",
            "environment: LOCAL_PORT: is not set; write a port, or PORT_MAPPINGS instead, like"
                + " 8080:80,443",
            "environment: TARGET_PORT: is not set; write a port, or PORT_MAPPINGS instead, like"
                + " 8080:80,443");
  }

  @Test
  void whatIsWrongIsNamedWithWhatToWrite() {
    environment.putAll(
        Map.of(
            "WG_PUBLIC_KEY", "tooshort",
            "WG_ADDRESS", "10.8.0.300",
            "WG_ALLOWED_IP", "10.8.0.0/33",
            "WG_ENDPOINT", "vpn.example.net",
            "WG_KEEPALIVE", "often",
            "WG_MTU", "100",
            "PROXY_MODE", "both",
            "LISTEN_ADDR", "eth0",
            "PORT_MAPPINGS", "8080:80:70",
            "HEALTH_PORT", "99999"));
    assertThat(problems())
        .hasSize(10)
        .anySatisfy(p -> assertThat(p).startsWith("environment: WG_PUBLIC_KEY: "))
        .contains(
            "environment: WG_ADDRESS: \"10.8.0.300\" is not an IP address",
            "environment: WG_ENDPOINT: \"vpn.example.net\" is not a host and a port; write it like"
                + " \"bridge.example.net:51820\"",
            "environment: WG_KEEPALIVE: \"often\" is not possible; write a number from 0 to 65535",
            "environment: WG_MTU: \"100\" is not possible; write a number from 576 to 65535",
            "environment: PROXY_MODE: \"both\" is not possible; write ingress or egress",
            "environment: LISTEN_ADDR: \"eth0\" is not an IP address",
            "environment: PORT_MAPPINGS: \"80:70\" is no port; write one from 1 to 65535",
            "environment: HEALTH_PORT: \"99999\" is not possible; write a number from 1 to 65535")
        .noneSatisfy(p -> assertThat(p).contains(OURS));
  }

  @Test
  void whatDoesNotGoTogether() {
    environment.put("WG_PRIVATE_KEY_FILE", "key");
    assertThat(problems())
        .containsExactly(
            "environment: WG_PRIVATE_KEY_FILE: is set beside WG_PRIVATE_KEY; keep one of the two");
    environment.remove("WG_PRIVATE_KEY_FILE");
    environment.put("PROXY_MODE", "ingress");
    assertThat(problems())
        .containsExactly(
            "environment: TARGET_HOST: \"gateway.svc\" is a name, and the tunnel has no name server;"
                + " write the machine's address in it");
    environment.put("TARGET_HOST", "10.9.0.1");
    assertThat(problems())
        .containsExactly(
            "environment: TARGET_HOST: \"10.9.0.1\" is not reached through the tunnel; it must lie in"
                + " WG_ALLOWED_IP, and WG_ADDRESS must have an address of its family");
    environment.put("TARGET_HOST", "10.8.0.9");
    environment.put("PORT_MAPPINGS", "80,80:81");
    assertThat(problems())
        .containsExactly(
            "environment: PORT_MAPPINGS: one port stands twice before the colon; remove one");
    environment.put("PORT_MAPPINGS", "80/udp,80:81/UDP");
    assertThat(problems())
        .containsExactly(
            "environment: PORT_MAPPINGS: one port stands twice before the colon; remove one");
    environment.put("PORT_MAPPINGS", "80");
    environment.put("WG_PUBLIC_KEY", ConfigText.BRIDGE_KEY.publicKey().toBase64());
    assertThat(problems())
        .containsExactly(
            "environment: WG_PUBLIC_KEY: belongs to WG_PRIVATE_KEY; write the server's own");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    environment.remove("WG_PRIVATE_KEY");
    environment.put("WG_PRIVATE_KEY_FILE", "/nowhere/key");
    assertThat(problems())
        .containsExactly("environment: WG_PRIVATE_KEY_FILE: /nowhere/key does not exist; make it");
    assertThatThrownBy(this::read).isInstanceOf(ConfigException.class);
  }
}
