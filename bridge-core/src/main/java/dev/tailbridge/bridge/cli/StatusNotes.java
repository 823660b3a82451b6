package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a status says below its table: why something does not work, and what somebody should do. */
final class StatusNotes {

  /** Of a device's drops, what its own block of the file brings about. */
  private static final List<String> TURNED_AWAY =
      List.of("caller_denied", "caller_unknown", "port_closed");

  private final Instant now;
  private final List<String> lines = new ArrayList<>();

  /**
   * @param status what {@code /api/v1/status} answers
   * @param now to count ages from
   */
  StatusNotes(JsonObject status, Instant now) {
    this.now = now;
    each(status, "devices", this::device);
    each(status, "servers", this::server);
    each(status, "gateways", this::gateway);
    each(status, "unknownKeys", this::unknownKey);
    SidecarChecks.of(status).ifPresent(check -> lines.add(check.what() + ": " + check.text()));
    String clock = Cells.text(status, "clockProblem");
    if (!clock.equals(Cells.ABSENT)) {
      lines.add("this host's clock is wrong: " + clock);
    }
    if (Cells.text(status, "underLoad").equals("true")) {
      lines.add("handshakes pile up: senders must prove their address first");
    }
    if (status.get("drops") instanceof JsonObject drops && !drops.isEmpty()) {
      lines.add("dropped at the WireGuard side: " + counts(drops, reason -> true));
    }
  }

  private void device(JsonObject device) {
    String name = Cells.text(device, "name");
    String reason = Cells.text(device, "reason");
    if (!reason.equals(Cells.ABSENT)) {
      lines.add(name + ": " + reason);
    }
    String loginUrl = Cells.text(device, "loginUrl");
    if (!loginUrl.equals(Cells.ABSENT) && !reason.contains(loginUrl)) {
      lines.add(name + ": log in at " + loginUrl);
    }
    if (device.get("drops") instanceof JsonObject drops) {
      String turnedAway = counts(drops, TURNED_AWAY::contains);
      if (!turnedAway.isEmpty()) {
        lines.add(name + ": turned away by its ports or allow: " + turnedAway);
      }
    }
    each(
        device,
        "findings",
        finding -> lines.add(name + ": " + Cells.text(finding, "text") + seen(finding)));
  }

  private static String counts(JsonObject drops, Predicate<String> shown) {
    return drops.entrySet().stream()
        .map(Map.Entry::getKey)
        .filter(shown)
        .map(reason -> Cells.text(drops, reason) + " " + reason)
        .collect(Collectors.joining(", "));
  }

  private void server(JsonObject server) {
    String name = Cells.text(server, "name") + ": ";
    String at = Cells.text(server, "seenAt");
    String handshake = Cells.text(server, "lastHandshake");
    lines.add(
        handshake.equals(Cells.ABSENT)
            ? name + "no handshake with the server " + Cells.text(server, "endpoint") + " yet"
            : name + "server at " + at + ", handshake " + Cells.age(server, "lastHandshake", now));
  }

  private void gateway(JsonObject rule) {
    lines.add(
        Cells.text(rule, "rule")
            + ": "
            + Cells.text(rule, "open")
            + " open, "
            + Cells.text(rule, "connections")
            + " passed on, "
            + Cells.text(rule, "refused")
            + " refused, "
            + Cells.text(rule, "failed")
            + " without their target");
  }

  private void unknownKey(JsonObject unknown) {
    lines.add(
        "unknown public key "
            + Cells.text(unknown, "publicKey")
            + " from "
            + Cells.text(unknown, "source")
            + ": if it is yours, add a [[device]] with it"
            + seen(unknown));
  }

  private String seen(JsonObject thing) {
    String times = Cells.text(thing, "times");
    return " ("
        + (times.equals("1") ? "" : times + " times, last ")
        + Cells.age(thing, "last", now)
        + ")";
  }

  private static void each(JsonObject from, String part, Consumer<JsonObject> work) {
    if (from.get(part) instanceof JsonArray array) {
      array.forEach(element -> work.accept(element.getAsJsonObject()));
    }
  }

  /** One line each; empty when there is nothing to say. */
  @Override
  public String toString() {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }
}
