package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The commands that ask a running bridge, and whatever may answer in its place. */
final class AskingTest extends CommandRig {

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
}
