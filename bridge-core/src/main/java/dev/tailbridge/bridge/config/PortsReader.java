package dev.tailbridge.bridge.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code ports}. */
final class PortsReader {
  private static final String ALL = "all";
  private static final String EXAMPLE = "[80, \"8000-8100\", \"8080:80\"]";

  private PortsReader() {}

  /** What is left out, or wrong, reads as open; what is wrong was reported. */
  static DevicePorts ports(Table device) {
    Table table = device.table("ports", Section.PORTS);
    return table == null
        ? DevicePorts.ALL
        : new DevicePorts(
            protocol(table, "tcp"), protocol(table, "udp"), table.flag("ping", /* absent= */ true));
  }

  /** Null for all ports. */
  private static @Nullable List<PortRange> protocol(Table table, String key) {
    if (!table.has(key) || table.hasText(key)) {
      table.parse(key, PortsReader::all);
      return null;
    }
    List<PortRange> before = new ArrayList<>();
    return table.entries(
        key,
        EXAMPLE,
        text -> {
          PortRange range = PortRange.parse(text);
          for (PortRange other : before) {
            if (range.overlaps(other)) {
              throw new BadValueException(overlap(range, other));
            }
          }
          before.add(range);
          return range;
        });
  }

  private static String overlap(PortRange range, PortRange other) {
    int port = Math.max(range.first(), other.first());
    return Quote.of(range.toString())
        + " and "
        + Quote.of(other.toString())
        + " both have port "
        + port
        + "; each port of the tailnet may stand once, so remove one or shorten the range";
  }

  private static String all(String text) throws BadValueException {
    if (text.equals(ALL)) {
      return text;
    }
    throw new BadValueException(
        Quote.of(text)
            + " is not possible; write \"all\", or a list such as "
            + EXAMPLE
            + ", or [] for none");
  }
}
