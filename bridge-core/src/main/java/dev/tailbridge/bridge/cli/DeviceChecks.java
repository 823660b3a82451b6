package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a running bridge knows of devices that somebody should do something about. */
final class DeviceChecks {
  private final BridgeConfig config;
  private final JsonObject status;

  /**
   * @param status what {@code /api/v1/status} answers
   */
  DeviceChecks(BridgeConfig config, JsonObject status) {
    this.config = config;
    this.status = status;
  }

  /** The clock of the bridge's host. */
  Check clock() {
    String problem = Cells.text(status, "clockProblem");
    return problem.equals(Cells.ABSENT)
        ? Check.fine("time", "devices may be told the time of the bridge's host")
        : Check.problem("time", "the clock of the bridge's host is wrong: " + problem);
  }

  /** Unknown keys that knocked. */
  List<Check> strangers() {
    List<Check> checks = new ArrayList<>();
    if (status.get("unknownKeys") instanceof JsonArray unknown) {
      for (JsonElement element : unknown) {
        JsonObject one = element.getAsJsonObject();
        checks.add(
            Check.problem(
                "unknown key",
                Cells.text(one, "publicKey")
                    + " called from "
                    + Cells.text(one, "source")
                    + "; if it is yours: bridge device add NAME --public-key "
                    + Cells.text(one, "publicKey")));
      }
    }
    return checks;
  }

  /** One line at least. */
  List<Check> of(DeviceSection device) {
    Optional<JsonObject> found = RunningBridge.device(status, device.name());
    if (found.isEmpty()) {
      return List.of(
          Check.problem(
              device.name(), "the bridge has not taken it up; see its log, or restart the bridge"));
    }
    JsonObject seen = found.get();
    List<Check> checks = new ArrayList<>();
    if (Cells.text(seen, "lastHandshake").equals(Cells.ABSENT)) {
      checks.add(Check.problem(device.name(), neverHeard()));
    }
    String reason = Cells.text(seen, "reason");
    String loginUrl = Cells.text(seen, "loginUrl");
    if (!loginUrl.equals(Cells.ABSENT)) {
      checks.add(Check.problem(device.name(), "log it in at " + loginUrl));
    } else if (!reason.equals(Cells.ABSENT)) {
      checks.add(Check.problem(device.name(), Cells.text(seen, "state") + ": " + reason));
    }
    if (seen.get("findings") instanceof JsonArray findings) {
      for (JsonElement finding : findings) {
        checks.add(Check.problem(device.name(), Cells.text(finding.getAsJsonObject(), "text")));
      }
    }
    return checks.isEmpty()
        ? List.of(Check.fine(device.name(), Cells.text(seen, "state")))
        : checks;
  }

  private String neverHeard() {
    return "nothing valid has come from it since the bridge started; check that it has the bridge's"
        + " public key "
        + Cells.text(status, "publicKey")
        + " and dials "
        + (config.bridge().endpoint() == null
            ? "this machine"
            : config.bridge().endpoint().toString())
        + ", and that UDP reaches this machine";
  }
}
