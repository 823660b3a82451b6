package dev.tailbridge.tailnet.library;

/**
 * What the loaded library was built from.
 *
 * @param protocol the version of the control frames and exported functions
 * @param tailscale Tailscale's version
 * @param go the Go toolchain's version
 */
public record LibraryVersion(String protocol, String tailscale, String go) {

  /** The one protocol that this Java side speaks. */
  static final String PROTOCOL = "1";
}
