package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How values of the API look in a terminal; what is absent is a dash. */
final class Cells {

  static final String ABSENT = "-";

  private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};

  private Cells() {}

  /** What came from elsewhere must not steer the terminal. */
  static String text(JsonObject from, String part) {
    JsonElement value = from.get(part);
    if (value == null || !value.isJsonPrimitive() || value.getAsString().isEmpty()) {
      return ABSENT;
    }
    return harmless(value);
  }

  /** A list of texts, with spaces between. */
  static String texts(JsonObject from, String part) {
    List<String> texts = list(from, part);
    return texts.isEmpty() ? ABSENT : String.join(" ", texts);
  }

  /** The texts of a list. */
  static List<String> list(JsonObject from, String part) {
    List<String> texts = new ArrayList<>();
    if (from.get(part) instanceof JsonArray array) {
      array.forEach(one -> texts.add(harmless(one)));
    }
    return texts;
  }

  private static String harmless(JsonElement value) {
    return value.getAsString().replaceAll("\\p{Cntrl}", "?");
  }

  /** How long before {@code now} the time of that part is. */
  static String age(JsonObject from, String part, Instant now) {
    String timestamp = text(from, part);
    if (timestamp.equals(ABSENT)) {
      return "never";
    }
    try {
      long seconds = Math.max(0, Duration.between(Instant.parse(timestamp), now).toSeconds());
      if (seconds < 120) {
        return seconds + " s ago";
      }
      return seconds < 7_200
          ? seconds / 60 + " min ago"
          : seconds < 172_800 ? seconds / 3_600 + " h ago" : seconds / 86_400 + " d ago";
    } catch (DateTimeException e) {
      return timestamp;
    }
  }

  static String bytes(@Nullable JsonElement count) {
    if (count == null || !count.isJsonPrimitive()) {
      return ABSENT;
    }
    double value = count.getAsLong();
    if (value < 1_000) {
      return count.getAsLong() + " B";
    }
    int unit = -1;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
  }
}
