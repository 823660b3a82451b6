package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask a server with a token, by raw HTTP since clients set these headers themselves. */
final class TokenTest {
  private static final String TOKEN = "s3cret-s3cret-s3cret";
  private static final String BEARER = "Authorization: Bearer " + TOKEN;

  private PictureBridge bridge;

  @BeforeEach
  void start() throws IOException {
    bridge = new PictureBridge(TOKEN);
  }

  @AfterEach
  void stop() {
    bridge.close();
  }

  @Test
  void whoBearsTheTokenIsAnswered() throws Exception {
    assertThat(ask("GET /api/v1/status", BEARER)).startsWith("HTTP/1.1 200");
    assertThat(ask("GET /metrics", "authorization: bearer  " + TOKEN)).startsWith("HTTP/1.1 200");
    assertThat(ask("POST /api/v1/reload", BEARER)).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-None: 1",
        "Authorization: Bearer",
        "Authorization: Bearer s3cret-s3cret-s3cre",
        "Authorization: Bearer s3cret-s3cret-s3cret1",
        "Authorization: Basic s3cret-s3cret-s3cret",
        "Authorization: Bearer x\r\nAuthorization: Bearer s3cret-s3cret-s3cret",
        "Cookie: token=s3cret-s3cret-s3cret"
      })
  void whoDoesNotIsRefusedAndToldHow(String header) throws Exception {
    for (String what :
        List.of(
            "GET /api/v1/status",
            "GET /api/v1/events",
            "GET /metrics",
            "GET /none",
            "POST /api/v1/reload",
            "DELETE /api/v1/devices/a/node")) {
      String answer = ask(what, header);
      assertThat(answer).as(what).startsWith("HTTP/1.1 401");
      assertThat(answer.toLowerCase(Locale.ROOT)).contains("www-authenticate: bearer");
      assertThat(answer).contains("urn:tailbridge:no-token").doesNotContain(TOKEN);
    }
  }

  @Test
  void healthNeedsNone() throws Exception {
    for (String path : List.of("/healthz", "/readyz", "/health")) {
      assertThat(ask("GET " + path, "X-None: 1")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aPageOfAnotherOriginIsRefusedWithTheTokenToo() throws Exception {
    assertThat(ask("GET /api/v1/status", BEARER + "\r\nOrigin: https://evil.example"))
        .startsWith("HTTP/1.1 403");
  }

  private String ask(String what, String headers) throws IOException {
    int port = bridge.server.address().getPort();
    try (Socket socket = new Socket(bridge.server.address().getAddress(), port)) {
      String request =
          what
              + " HTTP/1.1\r\nHost: 127.0.0.1:"
              + port
              + "\r\nContent-Length: 0\r\n"
              + headers
              + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
