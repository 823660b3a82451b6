package dev.tailbridge.bridge.cli;

import com.google.gson.JsonObject;
import dev.tailbridge.bridge.config.DeviceSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a device's block says, and what a running bridge says of the device. */
final class DeviceFacts {

  private DeviceFacts() {}

  /** Its state in a word or two, or a dash. */
  static String state(DeviceSection device, Optional<JsonObject> status) {
    return status
        .map(
            bridge ->
                RunningBridge.device(bridge, device.name())
                    .map(found -> Cells.text(found, "state"))
                    .orElse("not loaded yet"))
        .orElse(Cells.ABSENT);
  }

  /** Whether the device's node is in its tailnet, or waits for somebody to log it in. */
  static boolean hasNode(JsonObject status) {
    return !Cells.text(status, "loginUrl").equals(Cells.ABSENT)
        || !Cells.texts(status, "tailnetAddresses").equals(Cells.ABSENT);
  }

  /** How a device that was just added stands at the bridge that runs, in one line. */
  static String taken(String name, Optional<JsonObject> status) {
    if (status.isEmpty()) {
      return "the bridge has not taken " + name + " up yet; its log says why";
    }
    JsonObject device = status.get();
    if (!Cells.text(device, "loginUrl").equals(Cells.ABSENT)) {
      return "log " + name + " in at " + Cells.text(device, "loginUrl");
    }
    if (hasNode(device)) {
      return name
          + " is in the tailnet as "
          + Cells.text(device, "tailnetName")
          + ", "
          + Cells.texts(device, "tailnetAddresses");
    }
    String reason = Cells.text(device, "reason");
    return "the bridge has taken "
        + name
        + " up: "
        + Cells.text(device, "state")
        + (reason.equals(Cells.ABSENT) ? "" : ", " + reason);
  }

  /** For programs; {@code status} is absent when no bridge runs, or the bridge has not it yet. */
  static JsonObject json(DeviceSection device, Optional<JsonObject> status) {
    JsonObject json = new JsonObject();
    json.addProperty("name", device.name());
    json.addProperty("address", device.address().getHostAddress());
    json.addProperty("publicKey", device.publicKey().toBase64());
    if (device.tailnet() != null) {
      json.addProperty("tailnet", device.tailnet());
      json.addProperty("hostname", device.hostname());
    }
    status
        .flatMap(bridge -> RunningBridge.device(bridge, device.name()))
        .ifPresent(found -> json.add("status", found));
    return json;
  }

  /** For people, one line each. */
  static String text(DeviceSection device, Optional<JsonObject> status) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("name", device.name()));
    rows.add(List.of("address", device.address().getHostAddress()));
    rows.add(List.of("public key", device.publicKey().toBase64()));
    rows.add(List.of("preshared key", device.presharedKey() == null ? "no" : "yes"));
    rows.add(List.of("tailnet", device.tailnet() == null ? "none" : device.tailnet()));
    if (device.tailnet() != null) {
      rows.add(List.of("host name", device.hostname()));
    }
    rows.add(List.of("state", state(device, status)));
    status
        .flatMap(bridge -> RunningBridge.device(bridge, device.name()))
        .ifPresent(
            found -> {
              add(rows, "reason", Cells.text(found, "reason"));
              add(rows, "log in at", Cells.text(found, "loginUrl"));
              add(rows, "tailnet name", Cells.text(found, "tailnetName"));
              add(rows, "tailnet addresses", Cells.texts(found, "tailnetAddresses"));
              add(rows, "heard from", Cells.text(found, "endpoint"));
            });
    return Columns.aligned(rows);
  }

  private static void add(List<List<String>> rows, String what, String value) {
    if (!value.equals(Cells.ABSENT)) {
      rows.add(List.of(what, value));
    }
  }
}
