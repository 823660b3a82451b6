package dev.tailbridge.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state file of a tailscaled, which a node of the bridge goes on with as the same machine: its
 * keys and the settings of the profile that it uses.
 *
 * @param text of the file, as the node will have it
 * @param hostname that it asked for; empty when it asked for none
 * @param controlUrl of its control server; null for Tailscale's own
 */
public record TailscaledState(String text, String hostname, @Nullable String controlUrl) {
  private static final String TAILSCALE = "https://controlplane.tailscale.com";

  /** Tailscale's first control server, which means the same one. */
  private static final String TAILSCALE_BEFORE = "https://login.tailscale.com";

  /**
   * Reads one.
   *
   * @return nothing when the file cannot be used: it is none, nobody ever logged in, or it is
   *     sealed to the TPM of its machine
   */
  public static Optional<TailscaledState> read(Path file) {
    try {
      String text = Files.readString(file);
      JsonObject state = JsonParser.parseString(text).getAsJsonObject();
      String profile = decoded(state, "_current-profile");
      JsonObject settings = JsonParser.parseString(decoded(state, profile)).getAsJsonObject();
      JsonObject keys = settings.getAsJsonObject("Config");
      if (decoded(state, "_machinekey").isEmpty() || text(keys, "PrivateNodeKey").isEmpty()) {
        return Optional.empty();
      }
      String control = text(settings, "ControlURL");
      boolean tailscale =
          control.isEmpty() || control.equals(TAILSCALE) || control.equals(TAILSCALE_BEFORE);
      return Optional.of(
          new TailscaledState(text, text(settings, "Hostname"), tailscale ? null : control));
    } catch (IOException
        | JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | ClassCastException
        | NullPointerException e) {
      // What Gson's tree and Base64 answer with when something is missing or of another kind.
      return Optional.empty();
    }
  }

  /**
   * Whether it is a machine of that control server.
   *
   * @param server its address; null for Tailscale's own
   */
  public boolean isOf(@Nullable URI server) {
    return server == null
        ? controlUrl == null
        : controlUrl != null && bare(controlUrl).equals(bare(server.toString()));
  }

  private static String bare(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static String decoded(JsonObject state, String key) {
    return new String(Base64.getDecoder().decode(state.get(key).getAsString()), UTF_8);
  }

  private static String text(JsonObject object, String key) {
    return object.has(key) ? object.get(key).getAsString() : "";
  }
}
