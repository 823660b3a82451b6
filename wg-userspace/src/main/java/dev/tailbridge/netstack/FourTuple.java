package dev.tailbridge.netstack;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Who talks to whom: the name of a connection.
 *
 * @param local our address and port
 * @param remote the peer's
 */
record FourTuple(InetSocketAddress local, InetSocketAddress remote) {

  /** As bytes, for a keyed hash. */
  byte[] bytes() {
    byte[] ours = local.getAddress().getAddress();
    byte[] theirs = remote.getAddress().getAddress();
    return ByteBuffer.allocate(ours.length + theirs.length + 4)
        .put(ours)
        .put(theirs)
        .putShort((short) local.getPort())
        .putShort((short) remote.getPort())
        .array();
  }
}
