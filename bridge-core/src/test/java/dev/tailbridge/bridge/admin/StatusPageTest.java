package dev.tailbridge.bridge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What can be said of the status page without a browser. */
final class StatusPageTest {

  @Test
  void thePageIsWholeStrictAndWithoutAnInside() throws Exception {
    try (PictureBridge bridge = new PictureBridge("0123456789abcdef")) {
      HttpResponse<String> page = bridge.ask("GET", "/", "Authorization", "Bearer no");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
      assertThat(page.headers().firstValue("Content-Security-Policy"))
          .contains(
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                  + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
      assertThat(page.body())
          .doesNotContainPattern("(?i)style=|\\son\\w+=|<style|<script>|https?://")
          .doesNotContain("greenhouse");
      for (String file : List.of("/status.js", "/status.css")) {
        assertThat(page.body()).contains("\"" + file + "\"");
        HttpResponse<String> part = bridge.ask("GET", file, "Authorization", "Bearer no");
        assertThat(part.statusCode()).isEqualTo(200);
        assertThat(part.body()).doesNotContain("url(", "@import");
      }
    }
  }

  @Test
  void theScriptShowsTextAsTextAndKeepsNoToken() throws Exception {
    try (PictureBridge bridge = new PictureBridge(null)) {
      String script = bridge.ask("GET", "/status.js").body();
      String page = bridge.ask("GET", "/").body();
      assertThat(script)
          .doesNotContain(
              "innerHTML",
              "outerHTML",
              "insertAdjacent",
              "document.write",
              "eval",
              "localStorage",
              "sessionStorage",
              "cookie");
      Pattern.compile("at\\('(\\w+)'\\)")
          .matcher(script)
          .results()
          .forEach(found -> assertThat(page).contains("id=\"" + found.group(1) + "\""));
      for (String event : List.of("devices", "device", "removed")) {
        assertThat(script).contains("type === '" + event + "'");
      }
    }
  }

  @Test
  void otherAnswersMayLoadNothing() throws Exception {
    try (PictureBridge bridge = new PictureBridge(null)) {
      assertThat(
              bridge.ask("GET", "/api/v1/status").headers().firstValue("Content-Security-Policy"))
          .contains("default-src 'none'; frame-ancestors 'none'");
    }
  }
}
