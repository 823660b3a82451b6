package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.BridgeSection.LogFormat;
import dev.tailbridge.bridge.config.BridgeSection.LogLevel;
import dev.tailbridge.wireguard.PublicKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes and output of every command, in this process. */
final class MainTest {
  private static final String KEY = PublicKey.of(new byte[32]).toBase64();

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<String> happened = new ArrayList<>();
  private BridgeRunner runner = this::startAndInterrupt;
  private String file = "";

  @BeforeEach
  void writeConfig() throws IOException {
    file = folder.resolve("devices.toml").toString();
    config("");
  }

  @AfterEach
  void restore() {
    Thread.setDefaultUncaughtExceptionHandler(null);
    LogSetup.apply(LogLevel.INFO, LogFormat.TEXT, System.err);
  }

  private void config(String more) throws IOException {
    Files.writeString(
        Path.of(file),
        more
            + "\n[[device]]\nname = \"a\"\npublic_key = \""
            + KEY
            + "\"\naddress = \"10.6.0.2\"\ntailnet = \"none\"\n");
  }

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

  @Test
  void statusOfABridgeThatDoesNotRun() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    config("admin.listen = \"127.0.0.1:" + port + "\"");
    assertThat(run("status", "--config", file)).isEqualTo(4);
    assertThat(err())
        .isEqualTo(
            "bridge: no bridge answers at 127.0.0.1:"
                + port
                + ", the address of [admin] listen; is"
                + " it running, with this configuration?\n");
  }

  @Test
  void statusOfARunningBridge() throws Exception {
    String body = "{\"pid\":1,\"devices\":[{\"name\":\"a\",\"state\":\"online\"}]}";
    try (Answering server = new Answering("application/json", body)) {
      config("admin.listen = \"127.0.0.1:" + server.port() + "\"");
      assertThat(run("status", "--config", file)).isEqualTo(0);
      assertThat(out()).startsWith("NAME  STATE ");
      out.reset();
      assertThat(run("status", "--json", "--config", file)).isEqualTo(0);
      assertThat(out()).isEqualTo(body + "\n");
    }
  }

  @Test
  void statusOfSomethingElse() throws Exception {
    try (Answering server = new Answering("text/html", "<html>")) {
      config("admin.listen = \"127.0.0.1:" + server.port() + "\"");
      assertThat(run("status", "--config", file)).isEqualTo(4);
      assertThat(err())
          .isEqualTo(
              "bridge: what answers at 127.0.0.1:"
                  + server.port()
                  + " is no bridge, or not of this version (HTTP 200); check listen in [admin]\n");
    }
    try (Answering server = new Answering("application/json", "[1]")) {
      config("admin.listen = \"127.0.0.1:" + server.port() + "\"");
      assertThat(run("status", "--config", file)).isEqualTo(4);
    }
  }

  @Test
  void healthzIsWhatTheBridgeSays() throws Exception {
    int gone;
    try (Answering server = new Answering(200, "text/plain", "ok\n")) {
      gone = server.port();
      config("admin.listen = \"127.0.0.1:" + server.port() + "\"");
      assertThat(run("healthz", "--config", file)).isEqualTo(0);
      assertThat(run("healthz", "--ready", "--json", "--config", file)).isEqualTo(0);
      assertThat(out()).isEqualTo("ok\n{\"fine\":true,\"status\":200}\n");
    }
    assertThat(run("healthz", "--config", file)).isEqualTo(4);
    assertThat(err()).startsWith("bridge: no bridge answers at 127.0.0.1:" + gone);
    err.reset();
    try (Answering server = new Answering(503, "text/plain", "an event loop does not turn")) {
      config("admin.listen = \"127.0.0.1:" + server.port() + "\"");
      assertThat(run("healthz", "--config", file)).isEqualTo(1);
      assertThat(err()).isEqualTo("bridge: an event loop does not turn\n");
    }
  }

  @Test
  void reloadSaysWhatTheBridgeSays() throws Exception {
    try (Answering server =
        new Answering(
            "application/json",
            "{\"added\":[\"a\",\"b\"],\"changed\":[],\"removed\":[\"c\"],"
                + "\"needRestart\":[\"[admin]\"],\"warnings\":[]}")) {
      config("admin.listen = \"127.0.0.1:" + server.port() + "\"");
      assertThat(run("reload", "--config", file)).isEqualTo(0);
      assertThat(out())
          .isEqualTo(
              "added a, b; removed c\nwhat changed in [admin] needs a restart of the bridge\n");
    }
    String invalid = "{\"detail\":\"It is not valid.\",\"problems\":[\"f:1:1: wrong\"]}";
    try (Answering server = new Answering(422, "application/problem+json", invalid)) {
      config("admin.listen = \"127.0.0.1:" + server.port() + "\"");
      assertThat(run("reload", "--config", file)).isEqualTo(3);
      assertThat(err()).isEqualTo("f:1:1: wrong\nbridge: It is not valid.\n");
    }
  }

  @Test
  void anotherTokenIsNamedAsSuch() throws Exception {
    try (Answering server = new Answering(401, "application/problem+json", "{}")) {
      config(
          "admin = { listen = \"127.0.0.1:" + server.port() + "\", token = \"0123456789abcdef\" }");
      assertThat(run("status", "--config", file)).isEqualTo(4);
      assertThat(err()).contains("wants another token").doesNotContain("0123456789abcdef");
    }
  }

  @Test
  void healthzOfABridgeThatTheEnvironmentConfigures() throws Exception {
    Map<String, String> environment = new HashMap<>(Map.of("WG_PRIVATE_KEY", KEY));
    Console console = new Console(new PrintStream(out), new PrintStream(err));
    String[] words = {"healthz"};
    assertThat(Main.run(words, console, environment::get, runner)).isEqualTo(0);
    try (Answering server = new Answering(503, "text/plain", "an event loop does not turn")) {
      environment.put("HEALTH_PORT", Integer.toString(server.port()));
      assertThat(Main.run(words, console, environment::get, runner)).isEqualTo(1);
    }
    assertThat(Main.run(words, console, environment::get, runner)).isEqualTo(4);
    assertThat(out()).isEqualTo("nobody can be asked without HEALTH_PORT\n");
  }

  /** A server that says one thing. */
  private static final class Answering implements AutoCloseable {
    private final HttpServer server;

    Answering(String type, String body) throws IOException {
      this(200, type, body);
    }

    Answering(int code, String type, String body) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
      server.start();
    }

    int port() {
      return server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  /** A bridge that is told to end as soon as it runs. */
  private BridgeRunner.Running startAndInterrupt(BridgeConfig config) {
    happened.add("start " + config.file());
    Thread.currentThread().interrupt();
    return () -> happened.add("close");
  }

  private int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return Main.run(arguments, console, name -> null, runner);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
