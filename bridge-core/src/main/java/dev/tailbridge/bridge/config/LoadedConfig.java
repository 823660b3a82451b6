package dev.tailbridge.bridge.config;

import java.util.List;

/**
 * A configuration that can be used, and what its owner should still hear about it.
 *
 * @param warnings in file order
 */
public record LoadedConfig(BridgeConfig config, List<Problem> warnings) {

  public LoadedConfig {
    warnings = List.copyOf(warnings);
  }
}
