package dev.tailbridge.bridge.forward;

import java.net.InetSocketAddress;

/** Is told of every call that is not let in and of which no packet is at hand. */
@FunctionalInterface
public interface RefusedCalls {

  /** Counts one segment; called on the packet path, so it must be cheap. */
  void count(ForwardDrop reason, InetSocketAddress caller, InetSocketAddress called);
}
