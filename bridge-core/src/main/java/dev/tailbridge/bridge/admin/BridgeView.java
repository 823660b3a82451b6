package dev.tailbridge.bridge.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bridge as the API shows it.
 *
 * @param startedAt RFC 3339, UTC
 * @param publicKey of the WireGuard side, base64
 * @param listen the UDP addresses that are bound, as {@code address:port}
 * @param endpoint what devices are told to dial; null when the configuration does not say
 * @param crypto the implementation that seals packets, with its version where one is known
 * @param tailnetLibrary versions of the Go library; null while no device needs it
 */
public record BridgeView(
    String version,
    long pid,
    String startedAt,
    long uptimeSeconds,
    String publicKey,
    List<String> listen,
    @Nullable String endpoint,
    String stateDir,
    String crypto,
    @Nullable String tailnetLibrary,
    List<DeviceView> devices) {

  public BridgeView {
    listen = List.copyOf(listen);
    devices = List.copyOf(devices);
  }
}
