package dev.tailbridge.bridge.forward;

import io.netty.buffer.ByteBuf;
import java.net.Inet4Address;
import org.jspecify.annotations.Nullable;

/**
 * Takes a device's TCP where it is not translated packet by packet. Each call owns its packet: a
 * whole one with right checksums, either TCP or an ICMP error about TCP.
 *
 * <p>Called on the device's event loop.
 */
public interface TcpPath {

  /** Takes a packet to the present address of the node, of IPv4 or IPv6. */
  void fromNode(ByteBuf packet);

  /** Takes a packet of the device to whom it may call, to the bridge, or of a connection it has. */
  void fromDevice(ByteBuf packet);

  /** The node's address from now on; null for none at the moment. */
  void nodeAddress(@Nullable Inet4Address address);
}
