package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeviceStateTest {

  private static final long NOW = 1_800_000_000_000L;
  private static final long FRESH = NOW - 60_000;

  @Test
  void onlineNeedsARunningNodeAndASession() {
    assertThat(word(node(NodeState.RUNNING, "", ""), FRESH)).isEqualTo("online");
    assertThat(word(node(NodeState.RUNNING, "", ""), 0)).isEqualTo("waiting for device");
    assertThat(word(node(NodeState.RUNNING, "", ""), NOW - 180_001))
        .isEqualTo("waiting for device");
  }

  @Test
  void theNodesTroubleComesBeforeTheDevices() {
    assertThat(word(null, FRESH)).isEqualTo("starting");
    assertThat(word(node(NodeState.STARTING, "", ""), FRESH)).isEqualTo("starting");
    assertThat(word(node(NodeState.NEEDS_LOGIN, "", ""), FRESH)).isEqualTo("starting");
    assertThat(word(node(NodeState.NEEDS_LOGIN, "https://login.test/a", ""), FRESH))
        .isEqualTo("waiting for login");
    assertThat(word(node(NodeState.NEEDS_MACHINE_AUTH, "", ""), FRESH))
        .isEqualTo("waiting for approval");
    assertThat(word(node(NodeState.STOPPED, "", ""), FRESH)).isEqualTo("away");
    assertThat(word(node(NodeState.NEEDS_LOGIN, "", "invalid key"), FRESH)).isEqualTo("failed");
  }

  @Test
  void whomTheControlServerLetsWaitHasNotFailed() {
    String slowDown = "the control server asks to slow down: the node asks again after 9s";
    assertThat(DeviceState.of(true, node(NodeState.NEEDS_LOGIN, "", slowDown), "", 0, NOW))
        .isEqualTo(new DeviceState("starting", slowDown));
  }

  @Test
  void whatIsNotWellSaysWhy() {
    assertThat(DeviceState.of(true, null, "state is unreadable", 0, NOW))
        .isEqualTo(new DeviceState("failed", "state is unreadable"));
    assertThat(DeviceState.of(true, node(NodeState.RUNNING, "", ""), "", 0, NOW).reason())
        .contains("public key");
  }

  @Test
  void aPlainPeerNeedsASessionOnly() {
    assertThat(DeviceState.of(false, null, "", FRESH, NOW).word()).isEqualTo("online");
    assertThat(DeviceState.of(false, null, "", 0, NOW).word()).isEqualTo("waiting for device");
  }

  private static String word(@Nullable NodeStatus node, long lastHandshake) {
    return DeviceState.of(true, node, "", lastHandshake, NOW).word();
  }

  private static NodeStatus node(NodeState state, String authUrl, String error) {
    return NodeStatuses.of(state, authUrl, error, null);
  }
}
