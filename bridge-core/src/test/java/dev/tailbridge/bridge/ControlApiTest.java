package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.tailbridge.bridge.config.Secret;
import dev.tailbridge.bridge.config.TailnetSection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Against a fake of the one call of Tailscale's API that is used, since the real one cannot be
 * called from here; Headscale's is tested with a Headscale in {@code NodeRemovalIT}.
 */
class ControlApiTest {

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private HttpServer fake;
  private volatile int status = 200;

  @BeforeEach
  void start() throws IOException {
    fake = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    fake.createContext(
        "/",
        exchange -> {
          requests.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    fake.start();
  }

  @AfterEach
  void stop() {
    fake.stop(0);
  }

  @Test
  void tailscalesApiDeletesADevice() throws Exception {
    tailscale().delete("nAbc123CNTRL");
    assertThat(requests)
        .containsExactly("DELETE /api/v2/device/nAbc123CNTRL Bearer tskey-api-hidden");
  }

  @Test
  void headscalesApiDeletesANodeBelowItsUrl() throws Exception {
    ControlApi.headscale(URI.create(base() + "/vpn/"), new Secret("k")).delete("7");
    assertThat(requests).containsExactly("DELETE /vpn/api/v1/node/7 Bearer k");
  }

  @Test
  void whatIsGoneAlreadyIsDeleted() throws Exception {
    status = 404;
    tailscale().delete("7");
  }

  @Test
  void refusalsSayWhatToDoAndNeverShowTheKey() {
    status = 401;
    assertThatThrownBy(() -> tailscale().delete("7"))
        .isInstanceOf(IOException.class)
        .hasMessage(authority() + " does not take the api_key: make a new one there");
    status = 503;
    assertThatThrownBy(() -> tailscale().delete("7"))
        .hasMessage(authority() + " answers with HTTP 503");
    fake.stop(0);
    assertThatThrownBy(() -> tailscale().delete("7"))
        .hasMessageStartingWith(authority() + " does not answer")
        .hasMessageNotContaining("hidden");
  }

  @Test
  void anIdThatIsNoneNeverBecomesAPath() {
    for (String id : List.of("", "a/b", "..", "7?x=y", "x".repeat(65))) {
      assertThatThrownBy(() -> tailscale().delete(id)).isInstanceOf(IOException.class);
    }
    assertThat(requests).isEmpty();
  }

  @Test
  void withoutAKeyThereIsNoApi() {
    assertThat(
            ControlApi.of(
                new TailnetSection(
                    "home", null, null, null, List.of(), null, TailnetSection.Mode.EMBEDDED)))
        .isNull();
  }

  private ControlApi tailscale() {
    return ControlApi.tailscale(URI.create(base()), new Secret("tskey-api-hidden"));
  }

  private String base() {
    return "http://" + authority();
  }

  private String authority() {
    return "127.0.0.1:" + fake.getAddress().getPort();
  }
}
