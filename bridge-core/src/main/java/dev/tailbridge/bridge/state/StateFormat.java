package dev.tailbridge.bridge.state;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tailbridge.bridge.state.BridgeState.KnownNode;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * {@code bridge.json} as text.
 *
 * <p>{@code {"version":1,"timestampFloor":N,"clockSeen":T,"devices":{KEY:{"tailnet":T,"name":N}},
 * "endpoints":{KEY:{"address":A,"port":P}}}}. A file of an older version lacks parts, which then
 * have their empty value, and is written in this version at the next change.
 */
final class StateFormat {
  /** Raise it when an older bridge would misread the file. */
  static final int VERSION = 1;

  /** A DNS label, at times with what {@link NodePlan} appends. */
  private static final Pattern DIRECTORY_NAME = Pattern.compile("[a-z0-9-]{1,63}(\\.\\d{1,9})?~?");

  /** Has the shape of an address, so that no name server is asked; at times with an interface. */
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9.]+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*(%[\\w.-]+)?");

  private static final Gson GSON =
      new GsonBuilder().setFormattingStyle(FormattingStyle.PRETTY).disableHtmlEscaping().create();

  private StateFormat() {}

  /** The text is torn, or was never a state file. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1;

    DamagedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A newer bridge wrote the text; this one must leave it alone. */
  static final class NewerException extends Exception {
    private static final long serialVersionUID = 1;

    NewerException(String message) {
      super(message);
    }
  }

  static String write(BridgeState state) {
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    root.addProperty("timestampFloor", state.timestampFloor());
    root.addProperty("clockSeen", state.clockSeen().toString());
    JsonObject devices = new JsonObject();
    state.devices().forEach((key, node) -> devices.add(key.toBase64(), GSON.toJsonTree(node)));
    root.add("devices", devices);
    JsonObject endpoints = new JsonObject();
    state
        .endpoints()
        .forEach(
            (key, endpoint) -> {
              JsonObject value = new JsonObject();
              value.addProperty("address", endpoint.getAddress().getHostAddress());
              value.addProperty("port", endpoint.getPort());
              endpoints.add(key.toBase64(), value);
            });
    root.add("endpoints", endpoints);
    return GSON.toJson(root) + "\n";
  }

  static BridgeState read(String text) throws DamagedException, NewerException {
    try {
      JsonObject root = JsonParser.parseString(text).getAsJsonObject();
      int version = root.has("version") ? root.get("version").getAsInt() : 0;
      if (version > VERSION) {
        throw new NewerException("has version " + version + ", this bridge knows " + VERSION);
      }
      Map<PublicKey, KnownNode> devices = new LinkedHashMap<>();
      for (Map.Entry<String, JsonElement> entry : part(root, "devices").entrySet()) {
        devices.put(PublicKey.fromBase64(entry.getKey()), node(entry.getValue().getAsJsonObject()));
      }
      Map<PublicKey, InetSocketAddress> endpoints = new LinkedHashMap<>();
      for (Map.Entry<String, JsonElement> entry : part(root, "endpoints").entrySet()) {
        endpoints.put(
            PublicKey.fromBase64(entry.getKey()), endpoint(entry.getValue().getAsJsonObject()));
      }
      long floor = root.has("timestampFloor") ? root.get("timestampFloor").getAsLong() : 0;
      Instant seen =
          root.has("clockSeen")
              ? Instant.parse(root.get("clockSeen").getAsString())
              : Instant.EPOCH;
      return new BridgeState(floor, seen, devices, endpoints);
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | UnsupportedOperationException
        | NullPointerException
        | DateTimeParseException
        | UnknownHostException e) {
      // What Gson's tree answers with when a part is missing or has another type.
      throw new DamagedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static JsonObject part(JsonObject root, String name) {
    return root.has(name) ? root.getAsJsonObject(name) : new JsonObject();
  }

  private static KnownNode node(JsonObject json) {
    String tailnet = directoryName(json, "tailnet");
    String name = directoryName(json, "name");
    return json.has("movingFrom")
        ? new KnownNode(tailnet, name, directoryName(json, "movingFrom"))
        : new KnownNode(tailnet, name);
  }

  /** These become parts of paths, so nothing but what the bridge itself writes is let through. */
  private static String directoryName(JsonObject json, String part) {
    String name = json.get(part).getAsString();
    if (!DIRECTORY_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(part + " is no directory name");
    }
    return name;
  }

  private static InetSocketAddress endpoint(JsonObject json) throws UnknownHostException {
    String address = json.get("address").getAsString();
    if (!ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException("not an address");
    }
    return new InetSocketAddress(InetAddress.getByName(address), json.get("port").getAsInt());
  }
}
