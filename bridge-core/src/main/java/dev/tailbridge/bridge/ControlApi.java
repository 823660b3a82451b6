package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.Secret;
import dev.tailbridge.bridge.config.TailnetSection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Deletes machines by the API of a control server: Tailscale's own, or a Headscale's.
 *
 * <p>Thread-safe; each call waits for the server, ten seconds at most.
 */
final class ControlApi {

  private static final URI TAILSCALE = URI.create("https://api.tailscale.com");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What an id looks like; it becomes a part of a path. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9]{1,64}");

  private final URI machines;
  private final Secret key;

  private ControlApi(URI machines, Secret key) {
    this.machines = machines;
    this.key = key;
  }

  /** The API of that tailnet; null without the key that it needs. */
  static @Nullable ControlApi of(TailnetSection tailnet) {
    if (tailnet.apiKey() == null) {
      return null;
    }
    return tailnet.controlUrl() == null
        ? tailscale(TAILSCALE, tailnet.apiKey())
        : headscale(tailnet.controlUrl(), tailnet.apiKey());
  }

  /** Tailscale's, at {@code base}. */
  static ControlApi tailscale(URI base, Secret key) {
    return new ControlApi(below(base, "/api/v2/device/"), key);
  }

  /** A Headscale's, at its {@code control_url}. */
  static ControlApi headscale(URI base, Secret key) {
    return new ControlApi(below(base, "/api/v1/node/"), key);
  }

  private static URI below(URI base, String path) {
    return URI.create(base.toString().replaceAll("/+$", "") + path);
  }

  /**
   * Deletes a machine; one that is gone already counts as deleted.
   *
   * @param id what the control server calls it
   * @throws IOException with one line that says why it was not deleted
   */
  void delete(String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      throw new IOException("the control server calls the machine by an id that is none: " + id);
    }
    HttpRequest request =
        HttpRequest.newBuilder(machines.resolve(id))
            .header("Authorization", "Bearer " + key.reveal())
            .timeout(PATIENCE)
            .DELETE()
            .build();
    HttpResponse<Void> response;
    try {
      response =
          HttpClient.newBuilder()
              .connectTimeout(PATIENCE)
              .build()
              .send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      throw new IOException(machines.getAuthority() + " does not answer (" + e + ")", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + machines.getAuthority(), e);
    }
    int status = response.statusCode();
    if (status == 401 || status == 403) {
      throw new IOException(
          machines.getAuthority() + " does not take the api_key: make a new one there");
    }
    if (status / 100 != 2 && status != 404) {
      throw new IOException(machines.getAuthority() + " answers with HTTP " + status);
    }
  }
}
