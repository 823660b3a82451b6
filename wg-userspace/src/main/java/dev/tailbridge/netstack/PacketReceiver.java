package dev.tailbridge.netstack;

import io.netty.buffer.ByteBuf;

/** Takes the packets that a {@link PacketLink} received, in batches, on the link's event loop. */
public interface PacketReceiver {

  /**
   * One IPv4 or IPv6 packet: exactly the readable bytes, with a version nibble and a total length
   * that agree with them. The receiver owns the buffer and may rewrite it in place; it is a buffer
   * of its own, never a window into one that others read.
   */
  void packet(ByteBuf packet);

  /** No more packets are at hand: flush what was written because of them. */
  void batchComplete();

  /** {@link PacketLink#isWritable} changed. Not from inside of {@link PacketLink#write}. */
  default void writabilityChanged() {}
}
