package dev.tailbridge.bridge.forward;

import io.netty.buffer.ByteBuf;

/** Is told of every packet that goes no further. */
@FunctionalInterface
public interface Drops {

  /**
   * Counts one drop. Called on the packet path, so it must be cheap: count first, and describe the
   * packet ({@link dev.tailbridge.ip.PacketText}) only when a line will really be written.
   *
   * @param packet the packet as it came, borrowed for the call. Of a datagram whose fragments never
   *     became whole, it starts with the header of one fragment
   */
  void count(ForwardDrop reason, ByteBuf packet);
}
