package dev.tailbridge.netstack;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/**
 * Something that carries whole IP packets both ways: a WireGuard peer or a tailnet node.
 *
 * <ul>
 *   <li>One link lives on one event loop for life. {@link #write}, {@link #flush} and {@link
 *       #receiver} are called on that loop only, and the receiver is called there.
 *   <li>A packet that cannot be carried is dropped and counted by the link, never queued without
 *       bound and never reported by an exception.
 *   <li>Packets leave in the order in which they were written.
 * </ul>
 */
public interface PacketLink {

  /** The loop on which everything about this link happens. */
  EventLoop eventLoop();

  /** The largest IP packet in bytes, header included, that this link carries whole. */
  int mtu();

  /**
   * Queues one IPv4 or IPv6 packet. The link owns the buffer from here on; its readable bytes are
   * exactly the packet, and the link may overwrite them.
   */
  void write(ByteBuf packet);

  /**
   * Whether it takes much more at once. What is written all the same may be dropped when a good
   * deal of it comes; who can wait does, until {@link PacketReceiver#writabilityChanged}.
   */
  default boolean isWritable() {
    return true;
  }

  /** Sends what was queued: one gathered write or one batch of datagrams. */
  void flush();

  /** Sets where inbound packets go; until then they are dropped. */
  void receiver(PacketReceiver receiver);
}
