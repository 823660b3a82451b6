package dev.tailbridge.bridge.gateway;

import java.net.InetSocketAddress;

/** What a caller's datagrams and the answers to them have in common. On its tunnel's event loop. */
abstract class UdpFlow {

  final InetSocketAddress caller;

  /** When the caller was heard last: who only answers keeps nothing open (RFC 4787 REQ-6). */
  long heardNanos;

  UdpFlow(InetSocketAddress caller) {
    this.caller = caller;
  }

  /** Lets go of everything; called once, by {@link UdpFlows}, which knows it no longer. */
  abstract void close();
}
