package dev.tailbridge.bridge.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations, which the file writes as whole seconds: {@code "25s"}. */
final class Seconds {
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,5})s");

  private Seconds() {}

  /**
   * One second to {@code most} seconds.
   *
   * @param otherwise what else may be written, for the message
   */
  static Duration parse(String text, int most, String otherwise) throws BadValueException {
    return parse(text, /* least= */ 1, most, otherwise);
  }

  /** {@code least} to {@code most} seconds. */
  static Duration parse(String text, int least, int most, String otherwise)
      throws BadValueException {
    Matcher matcher = SECONDS.matcher(text);
    if (matcher.matches()) {
      int seconds = Integer.parseInt(matcher.group(1));
      if (seconds >= least && seconds <= most) {
        return Duration.ofSeconds(seconds);
      }
    }
    throw new BadValueException(
        Quote.of(text)
            + " is not possible; write seconds from \""
            + least
            + "s\" to \""
            + most
            + "s\""
            + otherwise);
  }
}
