package dev.tailbridge.bridge.admin;

import dev.tailbridge.bridge.health.HealthProbes;
import dev.tailbridge.bridge.health.HealthTarget;
import dev.tailbridge.bridge.health.HealthTargets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A real server over HTTP, with a picture for a bridge behind it. */
final class PictureBridge implements BridgeStatus, AutoCloseable {
  final AdminServer server;
  private final HealthPages pages;
  private final HttpClient client = HttpClient.newHttpClient();
  private final @Nullable String token;
  volatile List<DeviceView> devices =
      List.of(Pictures.device("greenhouse"), Pictures.plain("shed"));
  volatile @Nullable SidecarView sidecar = Pictures.sidecar(43, true, 1);
  volatile boolean well = true;
  volatile boolean broken;
  volatile List<String> problems = List.of();

  PictureBridge(@Nullable String token) throws IOException {
    this.token = token;
    HealthTargets targets = new HealthTargets();
    targets.add(new HealthTarget("greenhouse", null, null, System::currentTimeMillis, null));
    pages = new HealthPages(this, new HealthProbes(targets, InstantSource.system()));
    server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            token == null ? null : new Token(token),
            pages,
            this,
            this::remove,
            this::reload);
  }

  @Override
  public BridgeView view() {
    if (broken) {
      throw new IllegalStateException("provoked by a test");
    }
    return Pictures.bridge(devices, Pictures.gateways(), sidecar);
  }

  @Override
  public @Nullable List<PeerView> peers(String device, boolean measure) throws NoAnswerException {
    if (device.equals("shed")) {
      throw new NoAnswerException("The device has no tailnet node.");
    }
    return device.equals("greenhouse")
        ? List.of(
            new PeerView(
                "desk.example.ts.net", List.of("100.64.0.7"), true, null, "nue", 12.5, 1, 2))
        : null;
  }

  @Override
  public boolean alive() {
    return well;
  }

  @Override
  public boolean ready() {
    return well;
  }

  private Optional<RemovalView> remove(String device) {
    return device.equals("greenhouse")
        ? Optional.of(
            new RemovalView(device, "greenhouse.example.ts.net", true, false, List.of("x")))
        : Optional.empty();
  }

  private ReloadView reload() throws Reloader.NotReloadedException {
    if (broken) {
      throw new Reloader.NotReloadedException("It is not valid.", problems);
    }
    return new ReloadView("f", List.of("a"), List.of(), List.of(), List.of(), List.of());
  }

  HttpResponse<String> ask(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(
        request.method(method, HttpRequest.BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + server.address().getPort() + path));
  }

  @Override
  public void close() {
    server.close();
    pages.close();
  }
}
