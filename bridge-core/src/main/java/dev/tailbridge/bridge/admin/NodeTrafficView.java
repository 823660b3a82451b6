package dev.tailbridge.bridge.admin;

/**
 * IP packets between the bridge and a device's tailnet node, since the node started.
 *
 * @param rxPackets from the tailnet
 * @param txPackets to the tailnet
 * @param dropped of both directions, because a queue was full, the node was not up, or a packet was
 *     none
 */
public record NodeTrafficView(
    long rxPackets, long rxBytes, long txPackets, long txBytes, long dropped) {}
