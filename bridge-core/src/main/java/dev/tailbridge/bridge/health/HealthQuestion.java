package dev.tailbridge.bridge.health;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The question of {@code /health}, as its query says it.
 *
 * @param target null for the first
 * @param path null for the target's own
 * @param timeout for the whole probe
 * @param maxAge of the handshake that mode {@code tunnel} wants
 */
public record HealthQuestion(
    Mode mode, @Nullable String target, @Nullable String path, Duration timeout, Duration maxAge) {

  static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Set<String> KEYS =
      Set.of("mode", "device", "target", "path", "timeout", "max_age");
  private static final Pattern DURATION = Pattern.compile("(?:\\d{1,6}(?:ms|s|m|h))+");
  private static final Pattern PART = Pattern.compile("(\\d+)(ms|s|m|h)");

  /** Printable ASCII, so that a path cannot end its line. */
  private static final Pattern PATH = Pattern.compile("/[!-~]{0,1023}");

  /** What is looked at. */
  public enum Mode {
    /** The bridge alone: whether it is ready. */
    DEFAULT,
    /** Whether the target accepts a connection. */
    TCP,
    /** Whether it answers GET with a status of 2xx. */
    HTTP,
    /** Whether there was a handshake lately. */
    TUNNEL
  }

  /** The query is wrong; the message says what to write. */
  public static final class BadQueryException extends Exception {
    private static final long serialVersionUID = 1;

    BadQueryException(String message) {
      super(message);
    }
  }

  /**
   * Reads a query.
   *
   * @param query its decoded parameters; {@code device} and {@code target} are the same
   */
  public static HealthQuestion of(Map<String, String> query) throws BadQueryException {
    for (String key : query.keySet()) {
      if (!KEYS.contains(key)) {
        throw new BadQueryException(
            "Unknown parameter \""
                + key
                + "\"; known are mode, device, path, timeout and max_age.");
      }
    }
    String path = query.get("path");
    if (path != null && !PATH.matcher(path).matches()) {
      throw new BadQueryException("path begins with / and has no spaces, as in path=/status.");
    }
    Duration timeout = duration(query, "timeout", TIMEOUT);
    if (timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
      throw new BadQueryException("timeout is between 1ms and " + LONGEST.toSeconds() + "s.");
    }
    return new HealthQuestion(
        mode(query.getOrDefault("mode", "")),
        query.getOrDefault("device", query.get("target")),
        path,
        timeout,
        duration(query, "max_age", HealthTarget.SESSION));
  }

  private static Mode mode(String word) throws BadQueryException {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "", "default" -> Mode.DEFAULT;
      case "tcp" -> Mode.TCP;
      case "http" -> Mode.HTTP;
      case "tunnel" -> Mode.TUNNEL;
      default -> throw new BadQueryException("mode is default, tcp, http or tunnel.");
    };
  }

  private static Duration duration(Map<String, String> query, String key, Duration absent)
      throws BadQueryException {
    String text = query.get(key);
    if (text == null || text.isEmpty()) {
      return absent;
    }
    if (!DURATION.matcher(text).matches()) {
      throw new BadQueryException(key + " is a duration such as 500ms, 5s or 2m30s.");
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long number = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
              });
    }
    return sum;
  }
}
