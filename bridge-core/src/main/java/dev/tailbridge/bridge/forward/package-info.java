/**
 * Between a device's tunnel and its tailnet node: translation tables, routed TCP flows, ICMP
 * errors, fragments.
 *
 * <p>The node is wholly the device's, so addresses are translated one to one and ports stay as they
 * are: a packet to the node's address, on whatever port, goes to the device; a packet of the device
 * leaves with the node's address. Only the caller's side may change towards the device ({@link
 * dev.tailbridge.bridge.forward.ForwardSettings.Source}).
 *
 * <p>Everything here is a plain object: packets and {@code nowNanos} (monotonic) go in, packets
 * come out at a {@link dev.tailbridge.bridge.forward.PacketSink}. It does no I/O and knows no
 * clock, thread, channel or logger. {@link dev.tailbridge.bridge.forward.DeviceForwarder} is where
 * to start reading.
 */
@NullMarked
package dev.tailbridge.bridge.forward;

import org.jspecify.annotations.NullMarked;
