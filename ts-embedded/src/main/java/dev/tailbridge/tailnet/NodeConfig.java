package dev.tailbridge.tailnet;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node is started with.
 *
 * @param name what logs and messages call it; unique among the nodes that run
 * @param directory where its state and private keys lie; one node per directory, or its state is
 *     corrupted
 * @param hostname what it asks the tailnet to call it; the tailnet may append a number
 * @param controlUrl the control server; null for Tailscale's own
 * @param tags what it asks to be tagged with, {@code tag:…}; the control server decides
 * @param ephemeral whether it logs out, and so loses its identity, whenever it stops
 * @param login whether the control server no longer takes the identity in the directory, so that
 *     the credential is needed once more
 */
public record NodeConfig(
    String name,
    Path directory,
    String hostname,
    @Nullable String controlUrl,
    Credential credential,
    List<String> tags,
    boolean ephemeral,
    boolean login) {

  public NodeConfig {
    if (name.isBlank() || hostname.isBlank()) {
      throw new IllegalArgumentException("a node needs a name and a hostname");
    }
    if (credential instanceof Credential.ClientSecret && tags.isEmpty()) {
      throw new IllegalArgumentException(
          "node " + name + ": an OAuth client secret makes tagged nodes only, so give tags");
    }
    tags = List.copyOf(tags);
  }

  /** For a node that goes by its stored identity, and by its credential if it has none. */
  public NodeConfig(
      String name,
      Path directory,
      String hostname,
      @Nullable String controlUrl,
      Credential credential,
      List<String> tags,
      boolean ephemeral) {
    this(name, directory, hostname, controlUrl, credential, tags, ephemeral, false);
  }

  /** The same node, logged in anew. */
  public NodeConfig withLogin(boolean anew) {
    return new NodeConfig(name, directory, hostname, controlUrl, credential, tags, ephemeral, anew);
  }
}
