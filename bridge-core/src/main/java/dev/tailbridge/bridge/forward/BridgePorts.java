package dev.tailbridge.bridge.forward;

import io.netty.buffer.ByteBuf;

/**
 * What is open at the bridge's own tunnel address, for one device. Callers that are shown at the
 * same address never get one of these ports, so nobody in the tailnet can pass for the bridge.
 *
 * <p>Called on the device's event loop.
 */
public interface BridgePorts {

  /**
   * Whether something listens.
   *
   * @param protocol {@link dev.tailbridge.ip.IpProtocol#TCP} or {@code UDP}
   */
  boolean isOpen(int protocol, int port);

  /** Whether a segment from this port of the device is of a connection to the bridge itself. */
  boolean isConnected(int port, int devicePort);

  /**
   * Takes a checked packet of the device to an open port, or an error about a datagram from one;
   * owns the buffer.
   */
  void packet(ByteBuf packet);
}
