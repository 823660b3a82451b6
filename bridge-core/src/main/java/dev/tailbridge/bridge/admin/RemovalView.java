package dev.tailbridge.bridge.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a device's node that was to leave its tailnet.
 *
 * @param device its name
 * @param machine the node's full name in the tailnet; null when it never was in one
 * @param loggedOut whether the node was logged out
 * @param deleted whether the control server no longer lists the machine
 * @param left what is left for a person to do, a sentence each; empty when all is done
 */
public record RemovalView(
    String device,
    @Nullable String machine,
    boolean loggedOut,
    boolean deleted,
    List<String> left) {

  public RemovalView {
    left = List.copyOf(left);
  }
}
