package dev.tailbridge.bridge.cli;

import com.google.gson.JsonObject;
import java.util.Optional;

/** What a bridge's status says of the process with its nodes, for {@code doctor} and a table. */
final class SidecarChecks {

  private SidecarChecks() {}

  /**
   * @param status what {@code /api/v1/status} answers
   * @return nothing when no tailnet has {@code mode = "sidecar"}
   */
  static Optional<Check> of(JsonObject status) {
    if (!(status.get("process") instanceof JsonObject process)
        || !(process.get("sidecar") instanceof JsonObject sidecar)) {
      return Optional.empty();
    }
    String restarts = Cells.text(sidecar, "restarts");
    if (!Cells.text(sidecar, "running").equals("true")) {
      return Optional.of(
          Check.problem(
              "sidecar",
              "it has ended, and is about to be started again; the bridge's log and go-crash.log in"
                  + " state_dir say why"));
    }
    return Optional.of(
        Check.fine(
            "sidecar",
            "process "
                + Cells.text(sidecar, "pid")
                + " holds its tailnets' nodes, "
                + Cells.bytes(sidecar.get("residentBytes"))
                + (restarts.equals("0") ? "" : ", started again " + restarts + " times")));
  }
}
