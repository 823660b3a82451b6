package dev.tailbridge.bridge.forward.splice;

import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.netstack.StackConfig;
import java.net.Inet4Address;
import java.time.Duration;

/**
 * What {@link Splices} must know about their device.
 *
 * @param device the device's tunnel address
 * @param bridge the bridge's own tunnel address
 * @param showsCallers whether the device sees its IPv4 callers as they are, instead of the bridge
 * @param maxConnections how many connections of callers the device has at a time
 * @param ports what callers reach
 * @param hold how long a caller waits for the device, the wait for a free connection included
 * @param deviceMtu bytes of the largest packet that the device's link carries
 * @param tailnetMtu bytes of the largest packet that the node carries
 * @param deviceStacks how TCP towards devices behaves; one for all devices
 * @param tailnetStacks how TCP towards the tailnet behaves; one for all devices
 */
public record SpliceSettings(
    Inet4Address device,
    Inet4Address bridge,
    boolean showsCallers,
    int maxConnections,
    PortMap ports,
    Duration hold,
    int deviceMtu,
    int tailnetMtu,
    StackConfig deviceStacks,
    StackConfig tailnetStacks) {}
