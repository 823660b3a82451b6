package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.health.HealthProbes;
import dev.tailbridge.bridge.health.HealthTarget;
import dev.tailbridge.bridge.health.HealthTargets;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real HTTP; the bridge behind it is a picture. */
final class AdminServerTest {
  private static final DeviceView GREENHOUSE =
      Pictures.dropping("greenhouse", Map.of("no route", 3L));

  private static final List<String> LEFT = List.of("delete the machine");

  private final HttpClient client = HttpClient.newHttpClient();
  private final CountDownLatch release = new CountDownLatch(1);
  private volatile boolean hang;
  private volatile boolean ready = true;
  private volatile boolean broken;
  private List<String> notReloaded = List.of();
  private final HealthTargets targets = new HealthTargets();
  private AdminServer server;
  private HealthServer healthServer;
  private HealthPages pages;

  @BeforeEach
  void start() throws IOException {
    BridgeStatus status =
        new BridgeStatus() {
          @Override
          public BridgeView view() {
            if (broken) {
              throw new IllegalStateException("provoked by a test");
            }
            return Pictures.bridge(List.of(GREENHOUSE));
          }

          @Override
          public List<PeerView> peers(String device, boolean measure) throws NoAnswerException {
            if (device.equals("shed")) {
              throw new NoAnswerException("The device has no tailnet node.");
            }
            return device.equals("greenhouse")
                ? List.of(
                    new PeerView(
                        "desk.example.ts.net",
                        List.of("100.64.0.7"),
                        true,
                        null,
                        "nue",
                        measure ? 12.5 : null,
                        1,
                        2))
                : null;
          }

          @Override
          public boolean alive() {
            if (hang) {
              try {
                release.await();
              } catch (InterruptedException e) {
                return false;
              }
            }
            return true;
          }

          @Override
          public boolean ready() {
            return ready;
          }
        };
    targets.add(new HealthTarget("greenhouse", null, null, System::currentTimeMillis, null));
    targets.add(new HealthTarget("shed", null, null, () -> 0, null));
    pages = new HealthPages(status, new HealthProbes(targets, InstantSource.system()));
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    healthServer = HealthServer.start(loopback, pages);
    server =
        AdminServer.start(
            loopback,
            null,
            pages,
            status,
            device ->
                device.equals("greenhouse")
                    ? Optional.of(
                        new RemovalView(device, "greenhouse.example.ts.net", true, false, LEFT))
                    : Optional.empty(),
            this::reload);
  }

  private ReloadView reload() throws Reloader.NotReloadedException {
    if (!notReloaded.isEmpty()) {
      throw new Reloader.NotReloadedException("It is not valid.", notReloaded);
    }
    if (broken) {
      throw new Reloader.NotReloadedException("A node does not end.", List.of());
    }
    return new ReloadView(
        "devices.toml", List.of("shed"), List.of(), List.of(), List.of("[admin]"), List.of());
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.close();
    healthServer.close();
    pages.close();
  }

  @Test
  void healthAndReadiness() throws Exception {
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").body()).isEqualTo("ready\n");
    ready = false;
    problem(get("/readyz"), 503, "urn:tailbridge:unhealthy");
    problem(get("/health"), 503, "urn:tailbridge:unhealthy");
  }

  @Test
  void probesAnswerAtBothServers() throws Exception {
    for (InetSocketAddress at : List.of(server.address(), healthServer.address())) {
      assertThat(get(at, "/health").body()).isEqualTo("OK\n");
      assertThat(get(at, "/health?mode=tunnel&device=greenhouse").body())
          .isEqualTo("OK: the last handshake was 0 s ago\n");
      problem(get(at, "/health?mode=tunnel&device=shed"), 503, "urn:tailbridge:unhealthy");
      problem(get(at, "/health?mode=tcp&device=greenhouse"), 404, "urn:tailbridge:no-such-target");
      problem(get(at, "/health?mode=tunnel&device=cellar"), 404, "urn:tailbridge:no-such-target");
      problem(get(at, "/health?mode=icmp"), 400, "urn:tailbridge:bad-query");
    }
  }

  @Test
  void theHealthServerShowsHealthAlone() throws Exception {
    for (String path : List.of("/", "/metrics", "/api/v1/status", "/api/v1/devices")) {
      problem(get(healthServer.address(), path), 404, "urn:tailbridge:no-such-page");
    }
    HttpResponse<String> posted =
        client.send(
            HttpRequest.newBuilder(uri(healthServer.address(), "/healthz"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    problem(posted, 405, "urn:tailbridge:read-only");
  }

  @Test
  void whoWaitsForProbesLeavesRoomForLiveness() throws Exception {
    targets.add(
        new HealthTarget(
            "slow", (handler, timeout) -> new CompletableFuture<>(), null, () -> 0, null));
    List<CompletableFuture<HttpResponse<String>>> probes =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    client.sendAsync(
                        HttpRequest.newBuilder(
                                uri(
                                    healthServer.address(),
                                    "/health?mode=tcp&device=slow&timeout=300ms"))
                            .build(),
                        BodyHandlers.ofString()))
            .toList();
    assertThat(get(healthServer.address(), "/healthz").statusCode()).isEqualTo(200);
    for (CompletableFuture<HttpResponse<String>> probe : probes) {
      assertThat(probe.get().statusCode()).isEqualTo(503);
    }
  }

  @Test
  void aHangingEventLoopIsUnhealthyAndBlocksNothingElse() throws Exception {
    hang = true;
    List<CompletableFuture<HttpResponse<String>>> probes =
        IntStream.range(0, 3)
            .mapToObj(i -> client.sendAsync(request("/healthz").build(), BodyHandlers.ofString()))
            .toList();
    assertThat(get("/api/v1/status").statusCode()).isEqualTo(200);
    for (CompletableFuture<HttpResponse<String>> probe : probes) {
      assertThat(probe.get().statusCode()).isEqualTo(503);
    }
    hang = false;
    release.countDown();
    Awaitility.await().until(() -> get("/healthz").statusCode() == 200);
  }

  @Test
  void statusAndDevices() throws Exception {
    HttpResponse<String> response = get("/api/v1/status");
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    JsonObject status = JsonParser.parseString(response.body()).getAsJsonObject();
    assertThat(status.get("pid").getAsLong()).isEqualTo(42);
    assertThat(status.has("endpoint")).as("unknown parts are left out").isFalse();
    JsonObject device = status.getAsJsonArray("devices").get(0).getAsJsonObject();
    assertThat(device.get("tailnetName").getAsString()).isEqualTo("greenhouse.example.ts.net");
    assertThat(device.getAsJsonObject("drops").get("no route").getAsLong()).isEqualTo(3);
    assertThat(device.getAsJsonArray("findings"))
        .hasToString(
            "[{\"kind\":\"stale_clock\",\"text\":\"enable SNTP\",\"times\":4,"
                + "\"last\":\"2026-11-24T16:00:00Z\"}]");
    assertThat(status.getAsJsonArray("unknownKeys").get(0).getAsJsonObject().get("source"))
        .hasToString("\"192.0.2.9:51820\"");

    assertThat(JsonParser.parseString(get("/api/v1/devices").body()).getAsJsonArray())
        .containsExactly(device);
    assertThat(JsonParser.parseString(get("/api/v1/devices/greenhouse").body())).isEqualTo(device);
  }

  @Test
  void peersOfADevice() throws Exception {
    String peer =
        "[{\"name\":\"desk.example.ts.net\",\"addresses\":[\"100.64.0.7\"],\"online\":true,"
            + "\"derp\":\"nue\",\"rttMillis\":12.5,\"rxBytes\":1,\"txBytes\":2}]\n";
    assertThat(get("/api/v1/devices/greenhouse/peers?ping=true").body()).isEqualTo(peer);
    assertThat(get("/api/v1/devices/greenhouse/peers").body())
        .isEqualTo(peer.replace("\"rttMillis\":12.5,", ""));
    problem(get("/api/v1/devices/cellar/peers"), 404, "urn:tailbridge:no-such-device");
    problem(get("/api/v1/devices/shed/peers"), 409, "urn:tailbridge:no-node");
  }

  @Test
  void metricsInTheFormatOfPrometheus() throws Exception {
    HttpResponse<String> response = get("/metrics");
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body()).contains("bridge_device_up{device=\"greenhouse\"} 1.0\n");
  }

  @Test
  void whatIsNotThere() throws Exception {
    problem(get("/api/v1/devices/cellar"), 404, "urn:tailbridge:no-such-device");
    problem(get("/api/v2"), 404, "urn:tailbridge:no-such-page");
    problem(get("/api/v1/devices/a/b"), 404, "urn:tailbridge:no-such-device");
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    HttpResponse<String> response =
        client.send(
            request("/api/v1/status").method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void aNodeIsRemovedAndWhatIsLeftIsSaid() throws Exception {
    HttpResponse<String> response = delete("/api/v1/devices/greenhouse/node");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo(
            "{\"device\":\"greenhouse\",\"machine\":\"greenhouse.example.ts.net\","
                + "\"loggedOut\":true,\"deleted\":false,\"left\":[\"delete the machine\"]}\n");
    problem(delete("/api/v1/devices/cellar/node"), 404, "urn:tailbridge:no-such-node");
  }

  @Test
  void aReloadSaysWhatCameOfIt() throws Exception {
    HttpResponse<String> done = post("/api/v1/reload");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body())
        .isEqualTo(
            "{\"file\":\"devices.toml\",\"added\":[\"shed\"],\"changed\":[],\"removed\":[],"
                + "\"needRestart\":[\"[admin]\"],\"warnings\":[]}\n");
    broken = true;
    problem(post("/api/v1/reload"), 409, "urn:tailbridge:not-reloaded");
    notReloaded = List.of("devices.toml:1:1: wrong");
    HttpResponse<String> invalid = post("/api/v1/reload");
    assertThat(invalid.statusCode()).isEqualTo(422);
    assertThat(invalid.body())
        .contains("urn:tailbridge:invalid-configuration")
        .contains("[\"devices.toml:1:1: wrong\"]");
    problem(get("/api/v1/reload"), 405, "urn:tailbridge:read-only");
  }

  @Test
  void nothingElseCanBeDeleted() throws Exception {
    for (String path :
        List.of("/api/v1/devices/greenhouse", "/api/v1/devices/node", "/api/v1/status", "/")) {
      problem(delete(path), 405, "urn:tailbridge:read-only");
    }
    assertThat(
            raw(
                "DELETE /api/v1/devices/greenhouse/node",
                "Host: 127.0.0.1:"
                    + server.address().getPort()
                    + "\r\nOrigin: https://evil.example"))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void nothingCanBeChanged() throws Exception {
    HttpResponse<String> response =
        client.send(
            request("/api/v1/devices")
                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                .build(),
            BodyHandlers.ofString());
    problem(response, 405, "urn:tailbridge:read-only");
    assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD, POST, DELETE");
  }

  @Test
  void aNameThatSomebodyPointedAtLoopbackIsRefused() throws Exception {
    assertThat(raw("Host: evil.example:" + server.address().getPort())).startsWith("HTTP/1.1 421");
    assertThat(raw("Host: 127.0.0.1:1")).startsWith("HTTP/1.1 421");
    assertThat(raw("X-None: 1")).startsWith("HTTP/1.1 421");
    assertThat(raw("Host: LOCALHOST:" + server.address().getPort())).startsWith("HTTP/1.1 200");
    assertThat(raw("Host: 127.0.0.1:" + server.address().getPort())).startsWith("HTTP/1.1 200");
  }

  @Test
  void aPageOfAnotherOriginIsRefused() throws Exception {
    String host = "Host: 127.0.0.1:" + server.address().getPort() + "\r\n";
    assertThat(raw(host + "Origin: https://evil.example")).startsWith("HTTP/1.1 403");
    assertThat(raw(host + "Origin: null")).startsWith("HTTP/1.1 403");
    assertThat(raw(host + "Origin: http://localhost:" + server.address().getPort()))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void aFailureShowsNoInside() throws Exception {
    broken = true;
    HttpResponse<String> response = get("/api/v1/status");
    problem(response, 500, "urn:tailbridge:internal-error");
    assertThat(response.body()).doesNotContain("provoked").doesNotContain("Exception");
  }

  @Test
  void aTakenPortIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> AdminServer.start(server.address(), null, null, null, null, null))
        .isInstanceOf(BindException.class)
        .hasMessage(
            "Cannot listen on TCP 127.0.0.1 port "
                + server.address().getPort()
                + ": Address already in use; stop what uses it, or choose another address for"
                + " listen in [admin]");
  }

  private void problem(HttpResponse<String> response, int status, String type) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    JsonObject problem = JsonParser.parseString(response.body()).getAsJsonObject();
    assertThat(problem.keySet()).containsExactly("type", "title", "status", "detail");
    assertThat(problem.get("type").getAsString()).isEqualTo(type);
    assertThat(problem.get("status").getAsInt()).isEqualTo(status);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(InetSocketAddress at, String path)
      throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(uri(at, path)).build(), BodyHandlers.ofString());
  }

  private static URI uri(InetSocketAddress at, String path) {
    return URI.create("http://127.0.0.1:" + at.getPort() + path);
  }

  private HttpResponse<String> post(String path) throws IOException, InterruptedException {
    return client.send(
        request(path).POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> delete(String path) throws IOException, InterruptedException {
    return client.send(request(path).DELETE().build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + server.address().getPort() + path));
  }

  /** By hand, since Java's client sets these headers itself. */
  private String raw(String headers) throws IOException {
    return raw("GET /healthz", headers);
  }

  private String raw(String what, String headers) throws IOException {
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              (what + " HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
