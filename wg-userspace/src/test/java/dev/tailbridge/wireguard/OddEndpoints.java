package dev.tailbridge.wireguard;

/** Endpoints as only tests have them, for those that are in other packages. */
public final class OddEndpoints {

  private OddEndpoints() {}

  /**
   * The time of the protocol runs so many times as fast; that of the handshakes' timestamps not.
   */
  public static WireGuardEndpointBuilder faster(WireGuardEndpointBuilder builder, int times) {
    return builder.pace(times);
  }

  /** As on a host whose kernel refuses the filter that brings datagrams to the right event loop. */
  public static WireGuardEndpointBuilder unsteered(WireGuardEndpointBuilder builder) {
    return builder.unsteered();
  }
}
