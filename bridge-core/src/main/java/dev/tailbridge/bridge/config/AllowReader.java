package dev.tailbridge.bridge.config;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code allow}. */
final class AllowReader {
  private static final String EVERYBODY = "*";
  private static final Pattern TAG = Pattern.compile("tag:[A-Za-z][A-Za-z0-9-]*");

  /** A login is a word; what has a colon is a tag or something that only access rules know. */
  private static final Pattern LOGIN = Pattern.compile("[^\\s\\p{Cntrl}:*]+");

  private AllowReader() {}

  /** Null for everybody whom the tailnet's own rules let in. */
  static @Nullable List<String> allow(Table device) {
    List<String> callers = device.parseList("allow", AllowReader::caller);
    if (callers == null || !callers.contains(EVERYBODY)) {
      return callers;
    }
    if (callers.size() > 1) {
      device.error("allow", "\"*\" is everybody; remove it, or remove the others");
    }
    return null;
  }

  private static String caller(String text) throws BadValueException {
    if (text.equals(EVERYBODY) || TAG.matcher(text).matches() || LOGIN.matcher(text).matches()) {
      return text;
    }
    throw new BadValueException(
        Quote.of(text)
            + (text.startsWith("group:") || text.startsWith("autogroup:")
                ? " is not possible: the tailnet does not say who is in a group; write the logins of"
                    + " its members, or a tag"
                : " is not possible; write a login (\"alice@example.net\"), a tag (\"tag:ops\"), or"
                    + " \"*\" alone for everybody"));
  }
}
