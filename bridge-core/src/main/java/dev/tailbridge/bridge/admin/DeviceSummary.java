package dev.tailbridge.bridge.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a device changes seldom, and is told when it does: how it stands, but no counters. Its
 * parts are those of {@link DeviceView}.
 */
record DeviceSummary(
    String name,
    String state,
    String reason,
    String tunnelAddress,
    @Nullable String tailnet,
    @Nullable String tailnetName,
    List<String> tailnetAddresses,
    @Nullable String loginUrl,
    @Nullable String endpoint,
    @Nullable String lastHandshake,
    @Nullable String nodeState,
    List<FindingView> findings) {

  static DeviceSummary of(DeviceView device) {
    return new DeviceSummary(
        device.name(),
        device.state(),
        device.reason(),
        device.tunnelAddress(),
        device.tailnet(),
        device.tailnetName(),
        device.tailnetAddresses(),
        device.loginUrl(),
        device.endpoint(),
        device.lastHandshake(),
        device.nodeState(),
        device.findings());
  }
}
