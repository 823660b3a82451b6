package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bridge init}, with and without somebody to ask. */
final class InitCommandTest {
  @TempDir Path folder;
  private final Printed printed = new Printed();
  private Prompt prompt = Prompt.NOBODY;

  private Path file() {
    return folder.resolve("devices.toml");
  }

  @Test
  void withoutATerminalEverythingIsSaidByOptions() throws Exception {
    Path key = Files.writeString(folder.resolve("hs.key"), "abc\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    assertThat(
            run(
                "--endpoint",
                "vpn.example.net:443",
                "--control-url",
                "https://hs.example.net",
                "--auth-key-file",
                key.toString(),
                "--network",
                "10.9.0.0/16"))
        .isZero();
    BridgeConfig config = read();
    assertThat(config.bridge().endpoint()).hasToString("vpn.example.net:443");
    assertThat(config.bridge().network()).hasToString("10.9.0.0/16");
    assertThat(config.tailnets().get("home").controlUrl()).hasToString("https://hs.example.net");
    assertThat(config.tailnets().get("home").authKey().reveal()).isEqualTo("abc");
    assertThat(config.tailnets().get("home").tags()).isEmpty();
    assertThat(printed.out()).isEqualTo(Policy.headscale("tag:esp32"));
    assertThat(printed.err().lines())
        .containsExactly(
            "wrote " + file(),
            "give this to Headscale, as file: headscale policy set --file policy.hujson",
            "next: java -jar bridge.jar device add NAME --config " + file());
  }

  @Test
  void withATerminalItAsksOnlyWhatItCannotKnow() throws Exception {
    Queue<String> answers = new ArrayDeque<>(List.of("vpn.example.net", "", "tskey-client-x-y"));
    prompt = answering(answers);
    assertThat(run()).isZero();
    assertThat(answers).isEmpty();
    BridgeConfig config = read();
    assertThat(config.bridge().endpoint()).hasToString("vpn.example.net:51820");
    assertThat(config.tailnets().get("home").controlUrl()).isNull();
    assertThat(config.tailnets().get("home").oauthClientSecret().reveal())
        .isEqualTo("tskey-client-x-y");
    assertThat(config.tailnets().get("home").tags()).containsExactly("tag:esp32");
    assertThat(Files.readString(file())).doesNotContain("tskey-");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("home.key"))))
        .isEqualTo("rw-------");
    assertThat(printed.out()).isEqualTo(Policy.tailscale("tag:esp32"));
    assertThat(printed.err()).doesNotContain("spares you a login").doesNotContain("tskey-");
  }

  @Test
  void withoutAKeyItSaysHowToGetOne() throws Exception {
    assertThat(run("--endpoint", "1.2.3.4:51820", "--tag", "tag:chip", "--json")).isZero();
    assertThat(read().tailnets().get("home").tags()).containsExactly("tag:chip");
    assertThat(JsonParser.parseString(printed.out()).getAsJsonObject().get("policy").getAsString())
        .isEqualTo(Policy.tailscale("tag:chip"));
    Files.delete(file());
    assertThat(run("--endpoint", "1.2.3.4:51820", "--tag", "tag:chip")).isZero();
    assertThat(printed.err())
        .contains("an OAuth client with the scope auth_keys and the tag tag:chip");
  }

  @Test
  void nothingIsOverwritten() throws Exception {
    Files.writeString(file(), "mine");
    assertThat(run("--endpoint", "1.2.3.4:5")).isEqualTo(1);
    assertThat(printed.err())
        .isEqualTo(
            "bridge: "
                + file()
                + " exists already and was not touched; add devices with bridge device add NAME\n");
    assertThat(Files.readString(file())).isEqualTo("mine");

    Files.delete(file());
    Files.writeString(folder.resolve("home.key"), "mine too");
    prompt = answering(new ArrayDeque<>(List.of("h", "", "k")));
    assertThat(run()).isEqualTo(1);
    assertThat(file()).doesNotExist();
    assertThat(Files.readString(folder.resolve("home.key"))).isEqualTo("mine too");
  }

  @Test
  void whatIsNotPossibleLeavesNothing() throws Exception {
    assertThat(run()).isEqualTo(2);
    assertThat(run("--endpoint", "nowhere")).isEqualTo(1);
    assertThat(run("--endpoint", "a:1", "--tailnet", "../x")).isEqualTo(1);
    prompt = answering(new ArrayDeque<>(List.of("h", "ftp://x", "k")));
    assertThat(run()).isEqualTo(1);
    assertThat(printed.err().lines())
        .containsExactly(
            "bridge: --endpoint is missing: what devices dial, as in --endpoint"
                + " bridge.example.net:51820; see bridge init --help",
            "bridge: endpoint in [bridge]: \"nowhere\" is not a host and a port; write it like"
                + " \"bridge.example.net:51820\"",
            "bridge: \"../x\" is not a host name label; write 1 to 63 of a-z, 0-9 and -, with no -"
                + " at either end",
            "bridge: control_url in [tailnet.home]: is not the address of a control server; write it"
                + " like \"https://headscale.example.net\", or remove the key for Tailscale");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  private BridgeConfig read() throws Exception {
    return ConfigReader.read(file(), name -> null).config();
  }

  private static Prompt answering(Queue<String> answers) {
    return new Prompt() {
      @Override
      public boolean isThere() {
        return true;
      }

      @Override
      public String ask(String question) {
        return answers.remove();
      }

      @Override
      public String askSecret(String question) {
        return answers.remove();
      }
    };
  }

  private int run(String... options) {
    String[] arguments = new String[options.length + 3];
    arguments[0] = "init";
    arguments[1] = "--config";
    arguments[2] = file().toString();
    System.arraycopy(options, 0, arguments, 3, options.length);
    return printed.run(prompt, arguments);
  }
}
