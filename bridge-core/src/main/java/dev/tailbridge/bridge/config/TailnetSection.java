package dev.tailbridge.bridge.config;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code [tailnet.NAME]}: a tailnet that devices can join. At most one of the two credentials is
 * there; with neither, each node waits for a login.
 *
 * @param controlUrl null: Tailscale's own control server
 * @param tags each of the form {@code tag:name}
 * @param apiKey for the control server's API, which deletes machines; null: that is left to people
 * @param mode in which process the nodes are
 */
public record TailnetSection(
    String name,
    @Nullable URI controlUrl,
    @Nullable Secret authKey,
    @Nullable Secret oauthClientSecret,
    List<String> tags,
    @Nullable Secret apiKey,
    Mode mode) {

  /** Where nodes run. */
  public enum Mode {
    /** In the bridge's own process. */
    EMBEDDED,
    /** In a process of their own, whose crash does not end the bridge. */
    SIDECAR
  }

  public TailnetSection {
    tags = List.copyOf(tags);
  }
}
