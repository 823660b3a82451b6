package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import org.jspecify.annotations.Nullable;

/**
 * How a device stands, in one word for a table and one sentence that says why and what to do.
 *
 * @param word one of {@code online}, {@code waiting for device}, {@code away}, {@code waiting for
 *     login}, {@code waiting for approval}, {@code starting}, {@code left}, {@code failed}
 */
public record DeviceState(String word, String reason) {

  /** Its node was taken out of the tailnet for good. */
  static final DeviceState LEFT =
      new DeviceState(
          "left",
          "its node was removed from the tailnet: remove its block from devices.toml, or it joins as"
              + " a new machine when the bridge starts again");

  /** REJECT_AFTER_TIME: without a handshake for so long no key is left to talk with. */
  private static final long SESSION_MILLIS = 180_000;

  static DeviceState of(
      boolean hasTailnet,
      @Nullable NodeStatus node,
      String nodeFailure,
      long lastHandshakeEpochMillis,
      long nowEpochMillis) {
    if (hasTailnet) {
      if (node == null || node.ended()) {
        return nodeFailure.isEmpty()
            ? new DeviceState("starting", "its tailnet node waits for its turn to start")
            : new DeviceState("failed", nodeFailure);
      }
      if (node.state() != NodeState.RUNNING) {
        return ofNode(node);
      }
    }
    if (lastHandshakeEpochMillis == 0) {
      return new DeviceState(
          "waiting for device",
          "no handshake since the bridge started: is it switched on, does it dial this bridge, and"
              + " does it hold this bridge's public key?");
    }
    if (nowEpochMillis - lastHandshakeEpochMillis > SESSION_MILLIS) {
      return new DeviceState(
          "waiting for device",
          "its last handshake is older than 3 minutes: it sleeps, is off, or cannot reach the"
              + " bridge");
    }
    return new DeviceState("online", hasTailnet ? "" : "a plain WireGuard peer, without a tailnet");
  }

  private static DeviceState ofNode(NodeStatus node) {
    if (!node.error().isEmpty()) {
      return new DeviceState(node.isToldToWait() ? "starting" : "failed", node.error());
    }
    return switch (node.state()) {
      case NEEDS_LOGIN ->
          node.authUrl().isEmpty()
              ? new DeviceState("starting", "its tailnet node registers at the control server")
              : new DeviceState("waiting for login", "open the login URL in a browser");
      case NEEDS_MACHINE_AUTH ->
          new DeviceState(
              "waiting for approval", "approve the machine in the tailnet's admin console");
      case STOPPED ->
          new DeviceState(
              "away",
              "it was not heard for a while, so its node is offline in the tailnet until it connects"
                  + " (presence = \"follow-device\")");
      case NO_STATE, STARTING, RUNNING ->
          new DeviceState(
              "starting",
              node.health().isEmpty()
                  ? "its tailnet node looks for the control server and a relay"
                  : String.join("; ", node.health()));
    };
  }
}
