package dev.tailbridge.bridge.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Some ports of a device's tailnet address and where they lead.
 *
 * @param first of the tailnet, 1 to 65535
 * @param last of the tailnet, not below the first
 * @param devicePort the device's port that the first one leads to; others lead to those after it
 */
public record PortRange(int first, int last, int devicePort) {
  private static final Pattern ENTRY = Pattern.compile("(\\d{1,5})(?:([-:])(\\d{1,5}))?");
  private static final int HIGHEST = 65535;

  static PortRange parse(String text) throws BadValueException {
    Matcher entry = ENTRY.matcher(text);
    if (entry.matches()) {
      int one = Integer.parseInt(entry.group(1));
      int other = entry.group(3) == null ? one : Integer.parseInt(entry.group(3));
      boolean mapped = ":".equals(entry.group(2));
      if (isPort(one) && isPort(other) && (mapped || one <= other)) {
        return mapped ? new PortRange(one, one, other) : new PortRange(one, other, one);
      }
    }
    throw new BadValueException(
        Quote.of(text)
            + " is not possible; write a port from 1 to 65535 (80), a range (\"8000-8100\") or the"
            + " tailnet's and the device's port (\"8080:80\")");
  }

  boolean overlaps(PortRange other) {
    return first <= other.last && other.first <= last;
  }

  /** As it may stand in the file. */
  @Override
  public String toString() {
    if (devicePort != first) {
      return first + ":" + devicePort;
    }
    return first == last ? String.valueOf(first) : first + "-" + last;
  }

  private static boolean isPort(int number) {
    return number >= 1 && number <= HIGHEST;
  }
}
