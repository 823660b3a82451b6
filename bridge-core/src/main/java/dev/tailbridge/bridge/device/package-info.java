/**
 * The room where everything about one chip meets: its WireGuard peer, its tailnet node, the
 * translation between them, its state and its counters.
 */
@NullMarked
package dev.tailbridge.bridge.device;

import org.jspecify.annotations.NullMarked;
