package dev.tailbridge.tailnet;

import java.net.InetAddress;
import java.util.List;

/**
 * A machine that a node sees.
 *
 * @param direct the UDP address in use; empty when relayed or idle
 * @param relay its home relay region
 * @param rxBytes bytes from it since the node started
 * @param txBytes bytes to it since the node started
 */
public record TailnetPeer(
    String name,
    List<InetAddress> addresses,
    boolean online,
    String direct,
    String relay,
    long rxBytes,
    long txBytes) {

  public TailnetPeer {
    addresses = List.copyOf(addresses);
  }
}
