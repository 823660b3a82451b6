package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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

  private final Instant now;
  private final List<List<String>> rows = new ArrayList<>(List.of(HEADER));
  private final String heading;
  private final String notes;

  /**
   * @param status what {@code /api/v1/status} answers
   * @param now to count ages from
   */
  StatusTable(JsonObject status, Instant now) {
    this.now = now;
    this.heading = heading(status);
    this.notes = new StatusNotes(status, now).toString();
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
    String endpoint = Cells.text(bridge, "endpoint");
    return "public key "
        + Cells.text(bridge, "publicKey")
        + (endpoint.equals(Cells.ABSENT) ? "" : ", devices dial " + endpoint)
        + "\n\n";
  }

  private void add(JsonObject device) {
    rows.add(
        List.of(
            Cells.text(device, "name"),
            Cells.text(device, "state"),
            Cells.text(device, "tailnetName"),
            Cells.texts(device, "tailnetAddresses"),
            Cells.text(device, "endpoint"),
            Cells.age(device, "lastHandshake", now),
            Cells.bytes(device.get("rxBytes")),
            Cells.bytes(device.get("txBytes"))));
  }

  @Override
  public String toString() {
    return heading
        + (rows.size() == 1 ? "the bridge has no devices\n" : Columns.aligned(rows))
        + (notes.isEmpty() ? "" : "\n" + notes);
  }
}
