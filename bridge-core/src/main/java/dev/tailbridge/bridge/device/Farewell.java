package dev.tailbridge.bridge.device;

/**
 * How a device's node left its tailnet.
 *
 * @param nodeId what the control server calls the machine; empty when the node was not in the
 *     tailnet since the bridge started
 * @param machine its full name there; empty likewise
 * @param loggedOut whether the control server was told, now or before
 * @param problem why it was not told now; empty when it was
 */
public record Farewell(String nodeId, String machine, boolean loggedOut, String problem) {}
