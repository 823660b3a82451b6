package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.health.HealthProbes;
import dev.tailbridge.bridge.health.HealthTarget;
import dev.tailbridge.bridge.health.HealthTargets;
import java.io.IOException;
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
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Both servers over real HTTP; the bridge behind them is a picture. */
abstract class AdminRig {
  static final DeviceView GREENHOUSE = Pictures.dropping("greenhouse", Map.of("no route", 3L));

  static final List<String> LEFT = List.of("delete the machine");

  final HttpClient client = HttpClient.newHttpClient();
  final CountDownLatch release = new CountDownLatch(1);
  volatile boolean hang;
  volatile boolean ready = true;
  volatile boolean broken;
  List<String> notReloaded = List.of();
  final HealthTargets targets = new HealthTargets();
  AdminServer server;
  HealthServer healthServer;
  HealthPages pages;

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

  void problem(HttpResponse<String> response, int status, String type) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    JsonObject problem = JsonParser.parseString(response.body()).getAsJsonObject();
    assertThat(problem.keySet()).containsExactly("type", "title", "status", "detail");
    assertThat(problem.get("type").getAsString()).isEqualTo(type);
    assertThat(problem.get("status").getAsInt()).isEqualTo(status);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  HttpResponse<String> get(InetSocketAddress at, String path)
      throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(uri(at, path)).build(), BodyHandlers.ofString());
  }

  static URI uri(InetSocketAddress at, String path) {
    return URI.create("http://127.0.0.1:" + at.getPort() + path);
  }

  HttpResponse<String> post(String path) throws IOException, InterruptedException {
    return client.send(
        request(path).POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  HttpResponse<String> delete(String path) throws IOException, InterruptedException {
    return client.send(request(path).DELETE().build(), BodyHandlers.ofString());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + server.address().getPort() + path));
  }

  /** By hand, since Java's client sets these headers itself. */
  String raw(String headers) throws IOException {
    return raw("GET /healthz", headers);
  }

  String raw(String what, String headers) throws IOException {
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
