package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.TailnetSection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** Whether a tailnet's control server is there, and whether the two clocks agree. */
final class ControlChecks {
  private static final URI TAILSCALE = URI.create("https://controlplane.tailscale.com");

  /** The control server's public key; any capability version that has one. */
  private static final String KEY_PATH = "/key?v=71";

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Beyond it certificates and tokens begin to be refused. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

  private ControlChecks() {}

  static List<Check> run(TailnetSection tailnet) {
    String what = "tailnet " + tailnet.name();
    URI url = tailnet.controlUrl() == null ? TAILSCALE : tailnet.controlUrl();
    List<Check> checks = new ArrayList<>();
    try {
      HttpResponse<Void> answer = ask(url);
      if (answer.statusCode() == 200) {
        checks.add(Check.fine(what, url + " answers"));
      } else {
        checks.add(
            Check.problem(
                what,
                url
                    + " is no control server (HTTP "
                    + answer.statusCode()
                    + "); check control_url"));
      }
      answer.headers().firstValue("Date").ifPresent(date -> checks.add(clock(date)));
    } catch (IOException e) {
      checks.add(
          Check.problem(
              what,
              url
                  + " does not answer ("
                  + e.getClass().getSimpleName()
                  + "); check control_url, this machine's network and its firewall"));
    }
    if (tailnet.authKey() == null && tailnet.oauthClientSecret() == null) {
      checks.add(
          Check.fine(what, "it has no auth key, so somebody must log each new device in by hand"));
    }
    return checks;
  }

  private static HttpResponse<Void> ask(URI url) throws IOException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    URI key = URI.create(url.toString().replaceFirst("/+$", "") + KEY_PATH);
    HttpRequest request = HttpRequest.newBuilder(key).timeout(PATIENCE).build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static Check clock(String date) {
    try {
      Instant theirs = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
      return clock(Duration.between(theirs, Instant.now()));
    } catch (DateTimeParseException e) {
      return Check.fine("clock", "the control server tells no time");
    }
  }

  /**
   * @param ahead how far this machine's clock is ahead of the control server's
   */
  static Check clock(Duration ahead) {
    if (ahead.abs().compareTo(CLOCK_TOLERANCE) <= 0) {
      return Check.fine("clock", "agrees with the control server's");
    }
    return Check.problem(
        "clock",
        "is "
            + ahead.abs().toSeconds()
            + " s "
            + (ahead.isNegative() ? "behind" : "ahead of")
            + " the control server's; let this machine set it by NTP");
  }
}
