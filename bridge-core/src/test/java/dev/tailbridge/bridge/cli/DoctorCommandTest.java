package dev.tailbridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bridge doctor}, with stand-ins for the bridge's API and for a control server. */
final class DoctorCommandTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir Path folder;
  private Path file = Path.of("");
  private HttpServer server;
  private String status = "";
  private int controlCode = 200;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean control = exchange.getRequestURI().getPath().equals("/key");
          byte[] body = (control ? "{}" : status).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(
              control ? controlCode : status.isEmpty() ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void config(String bridge, String control) throws IOException {
    byte[] key = new byte[32];
    key[1] = 1;
    file =
        Files.writeString(
            folder.resolve("devices.toml"),
            """
            [bridge]
            %s
            [admin]
            listen = "127.0.0.1:%s"
            [tailnet.home]
            control_url = "%s"
            [[device]]
            name = "a"
            address = "10.6.0.2"
            public_key = "%s"
            """
                .formatted(
                    bridge,
                    server.getAddress().getPort(),
                    control,
                    PrivateKey.of(key).publicKey().toBase64()));
  }

  private CommandRun run(String... more) {
    String[] words = new String[3 + more.length];
    words[0] = "doctor";
    words[1] = "--config";
    words[2] = file.toString();
    System.arraycopy(more, 0, words, 3, more.length);
    return CommandRun.of(words);
  }

  @Test
  void allIsWell() throws Exception {
    status =
        "{devices:[{name:'a',state:'online',tailnet:'home',lastHandshake:'2026-01-01T00:00:00Z'}]}";
    config("endpoint = \"127.0.0.1:51820\"", url());
    CommandRun run = run();
    assertThat(run.out().lines())
        .containsExactly(
            "ok       configuration: " + file + " is valid",
            "ok       endpoint: 127.0.0.1:51820 is 127.0.0.1",
            "ok       bridge: it runs with this configuration",
            "ok       tailnet home: " + url() + " answers",
            "ok       clock: agrees with the control server's",
            "ok       tailnet home: it has no auth key, so somebody must log each new device in by"
                + " hand",
            "ok       time: devices may be told the time of the bridge's host",
            "ok       a: online");
    assertThat(run.code()).isZero();
  }

  @Test
  void eachProblemHasARemedy() throws Exception {
    controlCode = 404;
    status =
        "{publicKey:'PK',clockProblem:'it shows 1970: set it',unknownKeys:[{publicKey:'K',source:'1.2.3.4:5'}],devices:[{name:'a',"
            + "state:'waiting for login',tailnet:'home',loginUrl:'https://log.in/x',"
            + "findings:[{text:'its clock is in 1970: enable SNTP'}]}]}";
    config("endpoint = \"127.0.0.1:51820\"", url());
    CommandRun run = run();
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.out().lines().filter(line -> line.startsWith("PROBLEM")))
        .containsExactly(
            "PROBLEM  tailnet home: "
                + url()
                + " is no control server (HTTP 404); check control_url",
            "PROBLEM  time: the clock of the bridge's host is wrong: it shows 1970: set it",
            "PROBLEM  unknown key: K called from 1.2.3.4:5; if it is yours: bridge device add NAME"
                + " --public-key K",
            "PROBLEM  a: nothing valid has come from it since the bridge started; check that it has"
                + " the bridge's public key PK and dials 127.0.0.1:51820, and that UDP reaches this"
                + " machine",
            "PROBLEM  a: log it in at https://log.in/x",
            "PROBLEM  a: its clock is in 1970: enable SNTP");
    CommandRun one = run("a", "--json");
    assertThat(one.code()).isEqualTo(5);
    JsonArray checks = JsonParser.parseString(one.out()).getAsJsonArray();
    assertThat(checks).hasSize(3);
    assertThat(checks.get(0).getAsJsonObject().get("fine").getAsBoolean()).isFalse();
  }

  @Test
  void withoutABridge() throws Exception {
    int closed;
    try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
      closed = taken.getLocalPort();
    }
    try (DatagramSocket taken = new DatagramSocket(0, LOOPBACK)) {
      config("listen = [\"127.0.0.1:" + taken.getLocalPort() + "\"]", "http://127.0.0.1:" + closed);
      CommandRun run = run();
      assertThat(run.code()).isEqualTo(5);
      assertThat(run.out().lines().filter(line -> line.startsWith("PROBLEM")))
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .isEqualTo(
                          "PROBLEM  endpoint: devices are told nothing to dial; write endpoint ="
                              + " \"HOST:PORT\" in [bridge]"),
              line -> assertThat(line).startsWith("PROBLEM  bridge: none answers at "),
              line ->
                  assertThat(line)
                      .startsWith(
                          "PROBLEM  UDP port " + taken.getLocalPort() + ": 127.0.0.1 cannot")
                      .endsWith("stop what uses it, or change listen in [bridge]"),
              line ->
                  assertThat(line)
                      .startsWith("PROBLEM  tailnet home: http://127.0.0.1:" + closed)
                      .endsWith("check control_url, this machine's network and its firewall"));
    }
  }

  @Test
  void aDeviceThatTheBridgeHasNotAndOneThatNobodyKnows() throws Exception {
    status = "{devices:[]}";
    config("endpoint = \"127.0.0.1:51820\"", url());
    assertThat(run("a").out())
        .isEqualTo(
            "PROBLEM  a: the bridge has not taken it up; see its log, or restart the bridge\n");
    CommandRun unknown = run("b");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).endsWith("has no device b; it has a\n");
  }

  @Test
  void clocksThatDiffer() {
    assertThat(ControlChecks.clock(Duration.ofSeconds(-30)).fine()).isTrue();
    assertThat(ControlChecks.clock(Duration.ofSeconds(90)).text())
        .startsWith("is 90 s ahead of the control server's");
    assertThat(ControlChecks.clock(Duration.ofDays(-1)).text()).startsWith("is 86400 s behind");
  }
}
