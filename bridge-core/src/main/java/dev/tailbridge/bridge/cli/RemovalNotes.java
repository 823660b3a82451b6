package dev.tailbridge.bridge.cli;

import com.google.gson.JsonObject;
import dev.tailbridge.bridge.DeviceRemoval;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TailnetSection;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is left to do by hand once devices are out of the configuration. */
final class RemovalNotes {
  private final BridgeConfig before;
  private final DeviceRemoval removal;
  private final Optional<JsonObject> status;
  private final Map<String, JsonObject> nodes;

  /**
   * @param before the configuration with the devices
   * @param status of the bridge that runs; absent when none does
   * @param nodes what that bridge says of the nodes that it took out of their tailnets, by device
   */
  RemovalNotes(
      BridgeConfig before,
      DeviceRemoval removal,
      Optional<JsonObject> status,
      Map<String, JsonObject> nodes) {
    this.before = before;
    this.removal = removal;
    this.status = status;
    this.nodes = nodes;
  }

  /** One line each. */
  List<String> of(List<DeviceSection> devices) {
    List<String> notes = new ArrayList<>();
    for (DeviceSection device : devices) {
      TailnetSection tailnet = before.tailnets().get(String.valueOf(device.tailnet()));
      JsonObject node = nodes.get(device.name());
      if (node != null) {
        Cells.list(node, "left").forEach(left -> notes.add(device.name() + ": " + left));
      } else if (tailnet != null && Files.exists(removal.nodeDirectory(device))) {
        notes.add(machine(device, tailnet));
        notes.add(
            "remove the folder "
                + removal.nodeDirectory(device)
                + ", or another "
                + device.name()
                + " will take over this one's machine");
      }
    }
    return notes;
  }

  /** The node was neither logged out nor deleted: only its control server can do that now. */
  private String machine(DeviceSection device, TailnetSection tailnet) {
    @Nullable String address =
        status
            .flatMap(bridge -> RunningBridge.device(bridge, device.name()))
            .map(found -> Cells.texts(found, "tailnetAddresses"))
            .filter(addresses -> !addresses.equals(Cells.ABSENT))
            .orElse(null);
    return "delete the machine "
        + device.hostname()
        + (address == null ? "" : " (" + address + ")")
        + " at "
        + (tailnet.controlUrl() == null
            ? "https://login.tailscale.com/admin/machines"
            : tailnet.controlUrl()
                + ": headscale nodes list, then headscale nodes delete --identifier ID");
  }
}
