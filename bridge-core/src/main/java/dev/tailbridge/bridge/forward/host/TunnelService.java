package dev.tailbridge.bridge.forward.host;

import dev.tailbridge.netstack.Stack;
import java.util.Set;

/** What listens at the bridge's tunnel address, for one device; called on the device's loop. */
public interface TunnelService {

  /** TCP ports that {@link #start} opens. */
  Set<Integer> tcpPorts();

  /** UDP ports that {@link #start} opens. */
  Set<Integer> udpPorts();

  /**
   * Opens the ports, once, before the first packet to one of them is looked at; they are open when
   * this returns.
   *
   * @param stack has the bridge's tunnel address; it is closed after {@link #stop}
   * @param refused is told of what gets no answer
   */
  void start(Stack stack, RefusedQuestions refused);

  /** Lets go of what is not the stack's; called once, if it was started. */
  void stop();
}
