package dev.tailbridge.netstack;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/** Told what comes to a {@link UdpEndpoint}, on the event loop of its stack. */
public interface UdpListener {

  /**
   * A datagram.
   *
   * @param data the callee's
   * @param local the address and port that it was sent to
   * @param remote who sent it
   */
  void datagram(ByteBuf data, InetSocketAddress local, InetSocketAddress remote);

  /** No more datagrams are at hand. */
  default void batchComplete() {}

  /** The machine there says that nobody listens at this port. */
  default void unreachable(InetSocketAddress local, InetSocketAddress remote) {}
}
