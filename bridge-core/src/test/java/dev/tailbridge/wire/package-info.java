/**
 * Our WireGuard endpoint against wireguard-go, over UDP on loopback: no bridge and no tailnet in
 * between.
 *
 * <p>{@link dev.tailbridge.wire.OurEnd} is the endpoint under test, {@link
 * dev.tailbridge.lab.LabDevice} the other side, and a {@link dev.tailbridge.wire.Relay}, where a
 * test needs one, the network between them: it counts what passes, and does to it what networks do.
 */
@NullMarked
package dev.tailbridge.wire;

import org.jspecify.annotations.NullMarked;
