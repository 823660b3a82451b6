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

/**
 * The status of a bridge for people: what devices must know of it, an aligned table with one line
 * per device, and below it what somebody should do. Parts that the bridge does not tell are shown
 * as a dash.
 */
final class StatusTable {
  private static final List<String> HEADER =
      List.of(
          "NAME",
          "STATE",
          "TAILNET NAME",
          "ADDRESSES",
          "ENDPOINT",
          "HANDSHAKE",
          "RECEIVED",
          "SENT");
  private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};

  private final Instant now;
  private final List<List<String>> rows = new ArrayList<>(List.of(HEADER));
  private final List<String> remarks = new ArrayList<>();
  private final String heading;

  /**
   * @param status what {@code /api/v1/status} answers
   * @param now to count ages from
   */
  StatusTable(JsonObject status, Instant now) {
    this.now = now;
    this.heading = heading(status);
    if (status.get("devices") instanceof JsonArray devices) {
      for (JsonElement device : devices) {
        add(device.getAsJsonObject());
      }
    }
  }

  private static String heading(JsonObject bridge) {
    if (!bridge.has("publicKey")) {
      return "";
    }
    String endpoint = text(bridge, "endpoint");
    return "public key "
        + text(bridge, "publicKey")
        + (endpoint.equals("-") ? "" : ", devices dial " + endpoint)
        + "\n\n";
  }

  private void add(JsonObject device) {
    String name = text(device, "name");
    rows.add(
        List.of(
            name,
            text(device, "state"),
            text(device, "tailnetName"),
            addresses(device),
            text(device, "endpoint"),
            age(text(device, "lastHandshake")),
            bytes(device.get("rxBytes")),
            bytes(device.get("txBytes"))));
    String reason = text(device, "reason");
    if (!reason.equals("-")) {
      remarks.add(name + ": " + reason);
    }
    String loginUrl = text(device, "loginUrl");
    if (!loginUrl.equals("-") && !reason.contains(loginUrl)) {
      remarks.add(name + ": log in at " + loginUrl);
    }
  }

  @Override
  public String toString() {
    if (rows.size() == 1) {
      return heading + "the bridge has no devices\n";
    }
    int[] widths = new int[HEADER.size()];
    for (List<String> row : rows) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder table = new StringBuilder(heading);
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String cell = row.get(column);
        line.append(cell).append(" ".repeat(widths[column] - cell.length() + 2));
      }
      table.append(line.toString().stripTrailing()).append('\n');
    }
    if (!remarks.isEmpty()) {
      table.append('\n');
      remarks.forEach(remark -> table.append(remark).append('\n'));
    }
    return table.toString();
  }

  /** What came from elsewhere must not steer the terminal. */
  private static String text(JsonObject device, String part) {
    JsonElement value = device.get(part);
    if (value == null || !value.isJsonPrimitive() || value.getAsString().isEmpty()) {
      return "-";
    }
    return value.getAsString().replaceAll("\\p{Cntrl}", "?");
  }

  private static String addresses(JsonObject device) {
    List<String> addresses = new ArrayList<>();
    if (device.get("tailnetAddresses") instanceof JsonArray array) {
      array.forEach(address -> addresses.add(address.getAsString().replaceAll("\\p{Cntrl}", "?")));
    }
    return addresses.isEmpty() ? "-" : String.join(" ", addresses);
  }

  private String age(String timestamp) {
    if (timestamp.equals("-")) {
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

  private static String bytes(JsonElement count) {
    if (count == null || !count.isJsonPrimitive()) {
      return "-";
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
