package dev.tailbridge.tailnet;

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
}
