package dev.tailbridge.bridge.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What callers of the tailnet reach of a device.
 *
 * @param tcp no two of which share a port of the tailnet; null for all ports
 * @param udp likewise
 * @param ping whether the device gets pings
 */
public record DevicePorts(
    @Nullable List<PortRange> tcp, @Nullable List<PortRange> udp, boolean ping) {

  /** Everything. */
  public static final DevicePorts ALL = new DevicePorts(null, null, true);

  public DevicePorts {
    tcp = tcp == null ? null : List.copyOf(tcp);
    udp = udp == null ? null : List.copyOf(udp);
  }
}
