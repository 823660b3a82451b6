package dev.tailbridge.bridge.config;

import java.util.Locale;
import java.util.regex.Pattern;

/** The names of devices and tailnets: one label of a host name (RFC 1123 section 2.1). */
public final class DnsLabel {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private DnsLabel() {}

  /**
   * The text itself, when it is a label.
   *
   * @throws EditException with what to write instead
   */
  public static String require(String text) throws EditException {
    try {
      return parse(text);
    } catch (BadValueException e) {
      throw new EditException(e.problem(), e);
    }
  }

  static String parse(String text) throws BadValueException {
    if (LABEL.matcher(text).matches()) {
      return text;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    throw new BadValueException(
        Quote.of(text)
            + " is not a host name label; "
            + (LABEL.matcher(lower).matches()
                ? "write \"" + lower + "\""
                : "write 1 to 63 of a-z, 0-9 and -, with no - at either end"));
  }
}
