package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Exit codes and output of every command, in this process. */
final class MainTest extends CommandRig {

  @Test
  void noArguments() {
    assertThat(run()).isEqualTo(2);
    assertThat(out()).isEmpty();
    assertThat(err())
        .startsWith("Usage: bridge [-hV] [--from-env] [-c=FILE] [COMMAND]")
        .contains("status", "validate")
        .endsWith("To run a bridge: java -jar bridge.jar --config devices.toml\n");
  }

  @Test
  void anEnvironmentThatSaysNothingIsToldVariableByVariable() {
    assertThat(run("--from-env")).isEqualTo(3);
    assertThat(err())
        .startsWith("environment: WG_PRIVATE_KEY: is not set; ")
        .contains("environment: WG_ENDPOINT: is not set; ");
  }

  @Test
  void anEnvironmentAndAFileAreOneTooMany() {
    assertThat(run("--from-env", "--config", file)).isEqualTo(2);
    assertThat(err())
        .isEqualTo(
            "bridge: --from-env and --config exclude each other; keep one; see bridge --help\n");
  }

  @Test
  void helpAndVersion() {
    assertThat(run("--help")).isEqualTo(0);
    assertThat(out()).startsWith("Usage: bridge");
    assertThat(run("--version")).isEqualTo(0);
    assertThat(out()).contains("tailbridge (not packaged), Java " + Runtime.version());
    assertThat(run("status", "--help")).isEqualTo(0);
    assertThat(out()).contains("Usage: bridge status [-hV] [--json] [-c=FILE]");
    assertThat(err()).isEmpty();
  }

  @Test
  void wrongUse() {
    assertThat(run("--confg", "x")).isEqualTo(2);
    assertThat(run("stats")).isEqualTo(2);
    assertThat(run("status")).isEqualTo(2);
    assertThat(run("--config")).isEqualTo(2);
    assertThat(err().lines())
        .containsExactly(
            "bridge: Unknown options: '--confg', 'x'; did you mean \"--config\"? See bridge --help",
            "bridge: Unmatched argument at index 0: 'stats'; did you mean \"status\"? See bridge"
                + " --help",
            "bridge: there is no devices.toml in this folder: name one with --config FILE, or make"
                + " one with bridge init; see bridge status --help",
            "bridge: Missing required parameter for option '--config' (FILE); see bridge --help");
  }

  @Test
  void theNearestCommandOrOptionIsNamedAndNoneThatIsFar() {
    assertThat(run("device", "ad", "hall")).isEqualTo(2);
    assertThat(run("device", "show", "--fromat", "qr", "a")).isEqualTo(2);
    assertThat(run("device", "frobnicate")).isEqualTo(2);
    assertThat(err().lines())
        .containsExactly(
            "bridge: Unmatched arguments from index 1: 'ad', 'hall'; did you mean \"add\"? See bridge"
                + " device --help",
            "bridge: Unknown options: '--fromat', 'a'; did you mean \"--format\"? See bridge device show"
                + " --help",
            "bridge: Unmatched argument at index 1: 'frobnicate'; see bridge device --help");
  }

  @Test
  void anInvalidConfigurationIsAllItsProblemsAndNothingElse() throws Exception {
    config("[bridge]\nlogg = \"info\"\nnetwork = \"x\"\n");
    for (String[] command :
        new String[][] {{"--config", file}, {"status", "-c", file}, {"validate", "-c", file}}) {
      err.reset();
      assertThat(run(command)).isEqualTo(3);
      assertThat(err().lines())
          .containsExactly(
              file + ":2:1: unknown key \"logg\" in [bridge]; did you mean \"log\"?",
              file
                  + ":3:1: network in [bridge]: \"x\" is not an IPv4 network; write it like"
                  + " \"10.6.0.0/24\"");
    }
    assertThat(happened).isEmpty();
    assertThat(out()).isEmpty();
  }

  @Test
  void aMissingFile() {
    assertThat(run("--config", folder + "/none.toml")).isEqualTo(3);
    assertThat(err()).startsWith(folder + "/none.toml: no such file; ").hasLineCount(1);
  }

  @Test
  void runsUntilItIsToldToEndAndClosesTheBridge() {
    assertThat(run("--config", file)).isEqualTo(0);
    assertThat(happened).containsExactly("start " + file, "close");
    assertThat(out()).isEmpty();
  }

  /** A supervisor starts the process again; what it was is told once. */
  @Test
  void aBridgeThatLostItsTailnetsEndsWithACodeOfItsOwn() {
    runner =
        config ->
            new BridgeRunner.Running() {
              @Override
              public CompletableFuture<String> failure() {
                return CompletableFuture.completedFuture("the Go library closed the pair");
              }

              @Override
              public void close() {
                happened.add("close");
              }
            };
    assertThat(run("--config", file)).isEqualTo(6);
    assertThat(happened).containsExactly("close");
    assertThat(err())
        .hasLineCount(1)
        .endsWith(
            " ERROR the embedded Tailscale is lost (the Go library closed the pair), and a process"
                + " can load it once: this one ends, so that its supervisor starts another\n");
  }

  @Test
  void warningsAreLogged() throws Exception {
    config("[bridge]\nprivate_key = \"" + KEY.replace("AAA", "QQQ") + "\"\nlog_format = \"json\"");
    Files.setPosixFilePermissions(Path.of(file), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(run("--config", file)).isEqualTo(0);
    assertThat(err()).hasLineCount(1);
    assertThat(JsonParser.parseString(err()).getAsJsonObject().get("message").getAsString())
        .isEqualTo(
            file + ": others can read this file and the secrets in it; run: chmod 600 " + file);
  }

  @Test
  void whatKeepsTheBridgeFromStartingIsOneLine() {
    runner =
        config -> {
          throw new IOException("Cannot listen on UDP 0.0.0.0 port 51820: Address in use");
        };
    assertThat(run("--config", file)).isEqualTo(1);
    assertThat(err())
        .hasLineCount(1)
        .endsWith(" ERROR Cannot listen on UDP 0.0.0.0 port 51820: Address in use\n");
  }

  @Test
  void aDefectIsOneLineToo() throws Exception {
    runner =
        config -> {
          throw new IllegalStateException("a defect");
        };
    assertThat(run("--config", file)).isEqualTo(1);
    assertThat(err())
        .hasLineCount(1)
        .endsWith(
            " ERROR internal error while starting; log = \"debug\" shows where:"
                + " IllegalStateException: a defect\n");
    config("bridge.log = \"debug\"");
    run("--config", file);
    assertThat(err()).contains("\tat dev.tailbridge.bridge.cli.MainTest");
  }

  @Test
  void validate() throws Exception {
    assertThat(run("validate", "--config", file)).isEqualTo(0);
    assertThat(out()).isEqualTo(file + ": valid, 1 device, 0 tailnets\n");
    assertThat(err()).isEmpty();

    out.reset();
    config("[bridge]\nlogg = 1\n");
    assertThat(run("validate", "--json", "--config", file)).isEqualTo(3);
    assertThat(JsonParser.parseString(out()))
        .isEqualTo(
            JsonParser.parseString(
                "{valid:false,warnings:[],problems:[{file:'"
                    + file
                    + "',line:2,column:1,message:'unknown key \"logg\" in [bridge]; did you mean"
                    + " \"log\"?'}]}"));
  }
}
