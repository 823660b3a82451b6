package dev.tailbridge.bridge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;

/**
 * What an import came to, for programs.
 *
 * @param notes what is to be said about it, a line each
 */
record AddedDevices(List<String> names, List<String> notes) {

  String json() {
    JsonObject answer = new JsonObject();
    answer.add("added", array(names));
    answer.add("notes", array(notes));
    return answer.toString();
  }

  private static JsonArray array(List<String> lines) {
    JsonArray array = new JsonArray();
    lines.forEach(array::add);
    return array;
  }
}
