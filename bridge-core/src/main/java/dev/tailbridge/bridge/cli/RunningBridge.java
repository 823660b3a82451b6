package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.config.BridgeConfig;
import java.io.IOException;
import java.util.Optional;

/** The bridge that runs with a configuration, if one does; commands work without it too. */
final class RunningBridge {
  private final AdminClient client;

  RunningBridge(BridgeConfig config) {
    this.client = new AdminClient(config.admin().listen());
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
