package dev.tailbridge.wireguard;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What is new about a peer's endpoint. */
public enum EndpointChange {
  /** There was none before. */
  FIRST,
  /** The port alone: a NAT forgot its mapping, or the device rebooted. */
  PORT,
  /** The IP address: the peer moved, or somebody relays its packets. */
  ADDRESS;

  /** What changed from one endpoint to another. */
  public static EndpointChange of(@Nullable InetSocketAddress previous, InetSocketAddress current) {
    if (previous == null) {
      return FIRST;
    }
    return previous.getAddress().equals(current.getAddress()) ? PORT : ADDRESS;
  }
}
