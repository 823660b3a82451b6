package dev.tailbridge.bridge.device;

import java.util.Locale;

/**
 * Something about a device that a person can mend.
 *
 * @param text a sentence that says what it is and what to do
 * @param times how often it was seen since the bridge started
 * @param lastEpochMillis when it was seen last, milliseconds since 1970
 */
public record Finding(Kind kind, String text, long times, long lastEpochMillis) {

  /** What it is, for programs. */
  public enum Kind {
    /** Its handshakes have an old timestamp: it rebooted without a clock. */
    STALE_CLOCK,
    /** Besides, it does not answer the handshakes with which the bridge would let it in. */
    NOT_RESCUED,
    /** Its timestamps lie in the future. */
    CLOCK_AHEAD,
    /** A response of its does not decrypt. */
    PRESHARED_KEY,
    /** The bridge's answers come to nothing. */
    UNCONFIRMED,
    /** It sends packets from an inner address that is not its own. */
    FOREIGN_SOURCE,
    /** The key of its tailnet node ends soon, or has ended. */
    KEY_EXPIRY;

    /** As the API writes it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
