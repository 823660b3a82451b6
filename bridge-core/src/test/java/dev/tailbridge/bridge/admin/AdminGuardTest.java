package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the API refuses: changes, other names and origins, and a look at its inside. */
final class AdminGuardTest extends AdminRig {

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
    // The server reads 64 KiB of what it refuses. Of more, a client may hear a reset instead.
    HttpResponse<String> response =
        client.send(
            request("/api/v1/devices")
                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(50_000)))
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
}
