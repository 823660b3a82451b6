package dev.tailbridge.bridge.forward.host;

import dev.tailbridge.bridge.forward.ForwardDrop;
import java.net.InetSocketAddress;

/** Told of datagrams to what listens at the bridge's tunnel address that get no answer. */
@FunctionalInterface
public interface RefusedQuestions {

  /**
   * Counts one.
   *
   * @param asker the device
   * @param asked the port of the bridge
   */
  void count(ForwardDrop reason, InetSocketAddress asker, InetSocketAddress asked);
}
