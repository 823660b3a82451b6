package dev.tailbridge.bridge.forward;

/**
 * A snapshot of one device's forwarding. Packets and bytes count whole IP packets since the
 * forwarder was made: {@code from…} as they came, {@code to…} as they went, answers of the bridge
 * itself included.
 *
 * @param tcpFlows TCP connections in the table, ended ones that still linger included
 * @param flowsGivenUp flows that had to give way because a table was full
 * @param reassemblies datagrams of which fragments are held
 */
public record ForwardStats(
    long fromNodePackets,
    long fromNodeBytes,
    long toDevicePackets,
    long toDeviceBytes,
    long fromDevicePackets,
    long fromDeviceBytes,
    long toNodePackets,
    long toNodeBytes,
    int tcpFlows,
    int udpFlows,
    int pings,
    long flowsGivenUp,
    int reassemblies) {}
