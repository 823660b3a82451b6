package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.Ipv4Prefix;

/** Where a packet of the device wants to go, judged by its destination address alone. */
final class Destinations {

  private static final int THIS_NETWORK = 0;
  private static final int LOOPBACK = 127;
  private static final int MULTICAST_AND_ABOVE = 224;

  enum Kind {
    BRIDGE,
    TAILNET,
    SELF,
    OTHER_DEVICE,
    MULTICAST,
    ELSEWHERE
  }

  private final NodeAddresses node;
  private final Ipv4Prefix network;
  private final int device;
  private final int bridge;

  Destinations(NodeAddresses node, Ipv4Prefix network, int device, int bridge) {
    this.node = node;
    this.network = network;
    this.device = device;
    this.bridge = bridge;
  }

  Kind of(int address) {
    if (address == bridge) {
      return Kind.BRIDGE;
    }
    if (address == device || node.is(address)) {
      return Kind.SELF;
    }
    boolean subnetBroadcast = network.length() < 31 && address == network.last();
    if (subnetBroadcast || address >>> 24 >= MULTICAST_AND_ABOVE) {
      return Kind.MULTICAST;
    }
    if (network.contains(address)) {
      return Kind.OTHER_DEVICE;
    }
    return Ipv4Prefix.TAILNET.contains(address) ? Kind.TAILNET : Kind.ELSEWHERE;
  }

  /** Whether a packet from the tailnet can come from this address, and can be answered there. */
  boolean canCall(int address) {
    int first = address >>> 24;
    return first != THIS_NETWORK
        && first != LOOPBACK
        && first < MULTICAST_AND_ABOVE
        && !node.is(address)
        && !network.contains(address);
  }
}
