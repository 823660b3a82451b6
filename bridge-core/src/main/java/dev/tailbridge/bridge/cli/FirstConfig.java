package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.TomlText;
import org.jspecify.annotations.Nullable;

/**
 * The text of a new configuration.
 *
 * @param endpoint what devices dial
 * @param network null for the default
 * @param controlUrl null for Tailscale
 * @param credential which of the file's keys the secret belongs to; null when there is none
 * @param tag asked for by the nodes; null when their key brings it
 */
record FirstConfig(
    String endpoint,
    @Nullable String network,
    String tailnet,
    @Nullable String controlUrl,
    @Nullable Credential credential,
    @Nullable String tag) {

  /** A secret's key in the file, and the file that holds it. */
  record Credential(String key, String file) {}

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("# What each key means: docs/configuration.md. Check with: bridge validate\n\n");
    text.append("[bridge]\n");
    line(text, "endpoint", endpoint, "what devices dial; this UDP port must reach the bridge");
    if (network != null) {
      line(text, "network", network, "the tunnel's addresses; the bridge has the first");
    }
    text.append("\n[tailnet.").append(tailnet).append("]\n");
    if (controlUrl != null) {
      line(text, "control_url", controlUrl, "");
    } else {
      text.append("# No control_url: this is Tailscale.\n");
    }
    if (credential != null) {
      line(text, credential.key(), credential.file(), "");
    } else {
      text.append("# No auth key: each device's machine waits until somebody logs it in.\n");
    }
    if (tag != null) {
      text.append("tags = [").append(TomlText.of(tag)).append("]\n");
    }
    text.append("\n# Devices follow: bridge device add NAME\n");
    return text.toString();
  }

  private static void line(StringBuilder text, String key, String value, String comment) {
    text.append(key).append(" = ").append(TomlText.of(value));
    text.append(comment.isEmpty() ? "" : " # " + comment).append('\n');
  }
}
