package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.LinkCounters;
import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What nodes say in tests. */
final class NodeStatuses {

  private NodeStatuses() {}

  static NodeStatus of(NodeState state) {
    return of(state, "", "", null);
  }

  static NodeStatus needsLogin(String authUrl, String error) {
    return of(NodeState.NEEDS_LOGIN, authUrl, error, null);
  }

  /** One that runs with a key which ends. */
  static NodeStatus expiring(@Nullable Instant keyExpiry) {
    return of(NodeState.RUNNING, "", "", keyExpiry);
  }

  static NodeStatus of(NodeState state, String authUrl, String error, @Nullable Instant keyExpiry) {
    return new NodeStatus(
        state,
        state == NodeState.RUNNING,
        authUrl,
        "",
        "",
        List.of(),
        "",
        List.of(),
        keyExpiry,
        0,
        0,
        error,
        false,
        new LinkCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  }
}
