package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.BridgeConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The bridge that runs with a configuration, if one does; commands work without it too. */
final class RunningBridge {
  private static final long POLL_NANOS = 200_000_000;

  private final AdminClient client;

  RunningBridge(BridgeConfig config) {
    this.client = new AdminClient(config.admin());
  }

  /** What {@code /api/v1/status} answers; nothing when no bridge does. */
  Optional<JsonObject> status() {
    try {
      JsonElement answer = JsonParser.parseString(client.get("/api/v1/status"));
      return answer instanceof JsonObject status ? Optional.of(status) : Optional.empty();
    } catch (IOException | JsonParseException e) {
      return Optional.empty();
    }
  }

  /**
   * Waits until the bridge has taken a device up and its node is in the tailnet, waits for a login
   * or cannot start.
   *
   * @return what the bridge says of it then, or at the end of the time; nothing if it has not got
   *     it
   */
  Optional<JsonObject> await(String name, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<JsonObject> device = status().flatMap(status -> device(status, name));
      boolean settled =
          device.filter(found -> DeviceFacts.hasNode(found) || isOver(found)).isPresent();
      if (settled || System.nanoTime() > deadline) {
        return device;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /**
   * Waits until the bridge, if one runs, has let devices go.
   *
   * @return whether it has
   */
  boolean awaitGone(List<String> names, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<JsonObject> status = status();
      if (status.isEmpty()
          || names.stream().noneMatch(name -> device(status.get(), name).isPresent())) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Nothing more is to be expected of its node: it has none, or failed. */
  private static boolean isOver(JsonObject device) {
    return !device.has("tailnet") || Cells.text(device, "state").equals("failed");
  }

  /**
   * Takes the node of a device out of its tailnet for good.
   *
   * @return what was done and what is left to do; nothing when there is no such node, or the bridge
   *     could not say
   */
  Optional<JsonObject> removeNode(String name) {
    try {
      String answer = client.delete("/api/v1/devices/" + name + "/node");
      return Optional.of(JsonParser.parseString(answer).getAsJsonObject());
    } catch (IOException | JsonParseException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  /** What a status says of one device. */
  static Optional<JsonObject> device(JsonObject status, String name) {
    if (status.get("devices") instanceof JsonArray devices) {
      for (JsonElement device : devices) {
        if (device instanceof JsonObject one && Cells.text(one, "name").equals(name)) {
          return Optional.of(one);
        }
      }
    }
    return Optional.empty();
  }
}
