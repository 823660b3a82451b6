package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.health.HealthTarget;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Health at both servers, whatever else they are busy with. */
final class HealthServerTest extends AdminRig {

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
}
