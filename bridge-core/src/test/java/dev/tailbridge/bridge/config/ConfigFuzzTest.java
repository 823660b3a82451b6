package dev.tailbridge.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever stands in the file, the reader answers with a configuration or with problems. */
final class ConfigFuzzTest {
  private static final String WHOLE =
      """
      [bridge]
      endpoint = "bridge.example.net:51820"
      listen = ["0.0.0.0:51820", "[::]:51820"]
      private_key = "%s"
      network = "10.6.0.0/24"
      state_dir = "state"
      crypto = "auto"
      log = "info"
      log_format = "text"
      [admin]
      listen = "127.0.0.1:8080"
      [tailnet.home]
      control_url = "https://headscale.example.net"
      auth_key_env = "KEY"
      tags = ["tag:esp32"]
      [defaults]
      keepalive = "25s"
      stale_clock = "reverse"
      [[device]]
      name = "greenhouse"
      public_key = "%s"
      address = "10.6.0.2"
      tailnet = "home"
      source = "client"
      allow = ["alice@example.net", "tag:ops"]
      [[device]]
      name = "hall"
      public_key = "%s"
      address = "10.6.0.3"
      ports = { tcp = "all", udp = [1, "2-5", "8080:80"], ping = false }
      [[device]]
      name = "office"
      public_key = "%s"
      endpoint = "vpn.example.net:51820"
      allowed_ips = ["10.8.0.0/24", "fd00::/64"]
      local_addresses = ["10.8.0.2"]
      mtu = 1280
      [[gateway]]
      mode = "ingress"
      protocol = "tcp"
      listen = "127.0.0.1:9000"
      target = "greenhouse:80"
      idle = "60s"
      [[gateway]]
      mode = "egress"
      listen = "1883"
      target = "broker.example.net:1883"
      from = ["greenhouse", "hall"]
      max_connections = 4
      """
          .formatted(
              ConfigText.BRIDGE_KEY.toBase64(),
              ConfigText.DEVICE_KEY,
              ConfigText.publicKey(2),
              ConfigText.publicKey(3));

  private static final List<String> PIECES =
      List.of(
          "[",
          "]",
          "[[",
          "]]",
          "=",
          "\"",
          "'",
          "\"\"\"",
          "\\u0000",
          "\\",
          ".",
          "-",
          "{}",
          "[]",
          "\n",
          "\0",
          "\u2028",
          "999999999999",
          "::",
          "/",
          "true",
          "1979-05-27T07:32:00Z",
          "#",
          "device",
          "bridge.listen.x = 1",
          "[device.x]",
          "_file",
          "é",
          "10.6.0.300",
          "\"\" = 1\n");

  private static Path folder;

  @BeforeContainer
  static void makeFolder() throws IOException {
    folder = Files.createTempDirectory("config-fuzz");
  }

  @AfterContainer
  static void removeFolder() throws IOException {
    Files.deleteIfExists(folder.resolve("devices.toml"));
    Files.delete(folder);
  }

  @Property(tries = 600)
  void mutatedFiles(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder toml = new StringBuilder(WHOLE);
    for (int edits = 1 + random.nextInt(6); edits > 0; edits--) {
      int at = random.nextInt(toml.length());
      int end = Math.min(toml.length(), at + random.nextInt(20));
      switch (random.nextInt(4)) {
        case 0 -> toml.delete(at, end);
        case 1 -> toml.insert(at, toml.substring(at, end));
        case 2 -> toml.setCharAt(at, (char) random.nextInt(300));
        default -> toml.insert(at, PIECES.get(random.nextInt(PIECES.size())));
      }
    }
    onlyProblems(toml.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Whole lines in any order and number: valid TOML far more often, so the checks get their turn.
   */
  @Property(tries = 400)
  void shuffledLines(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>(WHOLE.lines().toList());
    for (int edits = random.nextInt(10); edits > 0; edits--) {
      lines.add(random.nextInt(lines.size()), lines.remove(random.nextInt(lines.size() - 1)));
      lines.remove(random.nextInt(lines.size()));
    }
    onlyProblems(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  @Property(tries = 200)
  void anyBytes(@ForAll byte[] bytes) throws IOException {
    onlyProblems(bytes);
  }

  @Example
  void deepNesting() throws IOException {
    onlyProblems(("a = " + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8));
    onlyProblems(
        ("a = " + "[".repeat(100_000) + "]".repeat(100_000)).getBytes(StandardCharsets.UTF_8));
    onlyProblems(("a" + ".a".repeat(50_000) + " = 1").getBytes(StandardCharsets.UTF_8));
    onlyProblems(
        ("[[device]]\n[device" + ".a".repeat(5_000) + "]").getBytes(StandardCharsets.UTF_8));
  }

  private static void onlyProblems(byte[] toml) throws IOException {
    Files.write(folder.resolve("devices.toml"), toml);
    try {
      ConfigReader.read(folder.resolve("devices.toml"), name -> "value");
    } catch (ConfigException e) {
      assertThat(e.problems()).isNotEmpty();
      for (Problem problem : e.problems()) {
        assertThat(problem.toString().lines()).hasSize(1);
        assertThat(problem.message())
            .as("a secret in a message")
            .doesNotContain(ConfigText.BRIDGE_KEY.toBase64());
      }
    }
  }
}
