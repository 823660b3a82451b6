package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.Json;
import java.util.List;

/**
 * Who owns a tailnet address.
 *
 * @param login the user's login name; tagged machines have none of a person
 * @param node the machine's name
 * @param tags the machine's tags; empty for a machine of a user
 */
public record Whois(String login, String node, List<String> tags) {

  public Whois {
    tags = List.copyOf(tags);
  }

  static Whois read(JsonObject answer) {
    return new Whois(
        Json.string(answer, "login"), Json.string(answer, "node"), Json.strings(answer, "tags"));
  }
}
