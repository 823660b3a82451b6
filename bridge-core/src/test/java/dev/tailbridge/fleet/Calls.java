package dev.tailbridge.fleet;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of calls through the tailnet.
 *
 * @param failed who gave no answer within five seconds, and why
 * @param worstMillis the slowest answer's time
 */
record Calls(int made, List<String> failed, double worstMillis) {

  static final Calls NONE = new Calls(0, List.of(), 0);

  Calls {
    failed = List.copyOf(failed);
  }

  /** These and what {@code lab client} tells of a sweep. */
  Calls and(JsonObject swept) {
    List<String> all = new ArrayList<>(failed);
    for (JsonElement one : swept.getAsJsonArray("failed")) {
      all.add(one.getAsString());
    }
    return new Calls(
        made + swept.get("requests").getAsInt(),
        all,
        Math.max(worstMillis, swept.get("maxms").getAsDouble()));
  }

  @Override
  public String toString() {
    return String.format("%d calls, %d failed, worst %.0f ms", made, failed.size(), worstMillis);
  }
}
