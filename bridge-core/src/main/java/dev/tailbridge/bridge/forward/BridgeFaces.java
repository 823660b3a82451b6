package dev.tailbridge.bridge.forward;

/**
 * The ports of the bridge's tunnel address with which callers of the tailnet are shown to one
 * device. What the device sends there is for the caller first, whatever listens at the port; called
 * on the device's event loop.
 */
public final class BridgeFaces {

  private final int bridge;
  private final Flows flows;

  BridgeFaces(int bridge, Flows flows) {
    this.bridge = bridge;
    this.flows = flows;
  }

  /** Whether a datagram to this port, from that port of the device, would be for a caller. */
  public boolean isTaken(int port, int devicePort) {
    return flows.udp.byFace(bridge, port, devicePort) != null;
  }

  /**
   * Ends the UDP flows of callers that are shown with a port, so that they cannot answer for what
   * listens there from now on. Looks at all flows.
   */
  public void free(int port) {
    flows.udp.removeIf(flow -> flow.faceAddress == bridge && flow.facePort == port);
  }
}
