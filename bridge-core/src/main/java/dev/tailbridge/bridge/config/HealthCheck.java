package dev.tailbridge.bridge.config;

import java.util.List;

/**
 * What {@code /health} may probe of a device.
 *
 * @param port the device's own TCP port
 * @param paths what may be fetched there, the first if the question does not say
 */
public record HealthCheck(int port, List<String> paths) {

  public HealthCheck {
    paths = List.copyOf(paths);
  }
}
