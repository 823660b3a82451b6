package dev.tailbridge.bridge.forward;

import io.netty.buffer.ByteBuf;

/** Where packets go: into the device's tunnel or into its node. */
@FunctionalInterface
public interface PacketSink {

  /** Takes one whole IP packet: the readable bytes. The sink owns the buffer from here on. */
  void accept(ByteBuf packet);
}
