package dev.tailbridge.bridge.config;

/** Shows what somebody wrote inside a message. */
final class Quote {
  /** Shorter than a key in base64, so that a key in the wrong place is not shown whole. */
  private static final int MAX_SHOWN = 40;

  private Quote() {}

  /** The text in double quotes, cut when it is long. */
  static String of(String text) {
    return "\""
        + (text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN / 2) + "…")
        + "\"";
  }
}
