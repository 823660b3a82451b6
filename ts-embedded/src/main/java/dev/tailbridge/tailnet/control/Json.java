package dev.tailbridge.tailnet.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a frame's body. A member that is absent, null or of another type reads as
 * its type's empty value: what a newer or older library leaves out is never an error by itself.
 */
public final class Json {

  private Json() {}

  public static String string(JsonObject body, String name) {
    JsonPrimitive value = primitive(body, name);
    return value != null && value.isString() ? value.getAsString() : "";
  }

  public static boolean bool(JsonObject body, String name) {
    JsonPrimitive value = primitive(body, name);
    return value != null && value.isBoolean() && value.getAsBoolean();
  }

  public static long integer(JsonObject body, String name) {
    return (long) decimal(body, name);
  }

  public static double decimal(JsonObject body, String name) {
    JsonPrimitive value = primitive(body, name);
    return value != null && value.isNumber() ? value.getAsDouble() : 0;
  }

  public static JsonObject object(JsonObject body, String name) {
    JsonElement value = body.get(name);
    return value != null && value.isJsonObject() ? value.getAsJsonObject() : new JsonObject();
  }

  public static List<String> strings(JsonObject body, String name) {
    List<String> result = new ArrayList<>();
    for (JsonElement element : array(body, name)) {
      if (element.isJsonPrimitive()) {
        result.add(element.getAsString());
      }
    }
    return result;
  }

  public static List<JsonObject> objects(JsonObject body, String name) {
    List<JsonObject> result = new ArrayList<>();
    for (JsonElement element : array(body, name)) {
      if (element.isJsonObject()) {
        result.add(element.getAsJsonObject());
      }
    }
    return result;
  }

  private static Iterable<JsonElement> array(JsonObject body, String name) {
    JsonElement value = body.get(name);
    return value != null && value.isJsonArray() ? value.getAsJsonArray() : List.of();
  }

  private static @Nullable JsonPrimitive primitive(JsonObject body, String name) {
    JsonElement value = body.get(name);
    return value != null && value.isJsonPrimitive() ? value.getAsJsonPrimitive() : null;
  }
}
