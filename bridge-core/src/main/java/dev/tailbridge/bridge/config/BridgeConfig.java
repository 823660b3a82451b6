package dev.tailbridge.bridge.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole valid {@code devices.toml}: names, addresses and keys are unique, every tailnet that a
 * device names is there, secrets and defaults are resolved.
 *
 * @param file the file this was read from, as the user named it
 * @param tailnets by name, in the order of the file
 * @param devices in the order of the file
 * @param uplinks in the order of the file
 * @param gateways in the order of the file
 */
public record BridgeConfig(
    Path file,
    BridgeSection bridge,
    AdminSection admin,
    Map<String, TailnetSection> tailnets,
    List<DeviceSection> devices,
    List<UplinkSection> uplinks,
    List<GatewaySection> gateways) {

  public BridgeConfig {
    tailnets = Collections.unmodifiableMap(new LinkedHashMap<>(tailnets));
    devices = List.copyOf(devices);
    uplinks = List.copyOf(uplinks);
    gateways = List.copyOf(gateways);
  }
}
