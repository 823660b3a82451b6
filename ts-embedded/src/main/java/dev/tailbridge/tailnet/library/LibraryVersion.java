package dev.tailbridge.tailnet.library;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.Json;
import java.nio.file.Path;

/**
 * What the loaded library was built from.
 *
 * @param protocol the version of the control frames and exported functions
 * @param tailscale Tailscale's version
 * @param go the Go toolchain's version
 */
public record LibraryVersion(String protocol, String tailscale, String go) {

  /** The one protocol that this Java side speaks. */
  private static final String PROTOCOL = "1";

  /**
   * Reads what Go says of itself.
   *
   * @throws TailnetLibraryException when it does not speak this side's protocol
   */
  static LibraryVersion read(JsonObject json, Path file) throws TailnetLibraryException {
    LibraryVersion version =
        new LibraryVersion(
            Json.string(json, "library"), Json.string(json, "tailscale"), Json.string(json, "go"));
    if (!version.protocol().equals(PROTOCOL)) {
      throw new TailnetLibraryException(
          file
              + ": speaks protocol "
              + version.protocol()
              + ", this program needs "
              + PROTOCOL
              + ": use the file that was built with it");
    }
    return version;
  }
}
