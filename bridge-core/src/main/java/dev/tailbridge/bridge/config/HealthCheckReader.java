package dev.tailbridge.bridge.config;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code health} of a device. */
final class HealthCheckReader {
  private static final Pattern PATH = Pattern.compile("/[!-~]{0,1023}");
  private static final int MAX_PORT = 65535;

  private HealthCheckReader() {}

  /** Null when it is absent or wrong. */
  static @Nullable HealthCheck health(Table device) {
    Table table = device.table("health", Section.HEALTH);
    if (table == null) {
      return null;
    }
    if (!table.has("port")) {
      table.missing("port", "write the port that is to be probed, as in { port = 80 }");
    }
    Integer port = table.integer("port", /* least= */ 1, MAX_PORT);
    List<String> paths = table.parseListOr("paths", List.of("/"), HealthCheckReader::path);
    return port == null ? null : new HealthCheck(port, paths);
  }

  private static String path(String text) throws BadValueException {
    if (!PATH.matcher(text).matches()) {
      throw new BadValueException(
          Quote.of(text) + " is not a path; write it like \"/\" or \"/status\"");
    }
    return text;
  }
}
