package dev.tailbridge.bridge.admin;

import java.util.List;

/**
 * What callers of the tailnet reach of a device, written as in the configuration.
 *
 * @param tcp {@code all} alone, or entries such as {@code 80}, {@code 8000-8100} and {@code
 *     8080:80}; none when no port is open
 * @param udp likewise
 */
public record PortsView(List<String> tcp, List<String> udp, boolean ping) {

  public PortsView {
    tcp = List.copyOf(tcp);
    udp = List.copyOf(udp);
  }
}
