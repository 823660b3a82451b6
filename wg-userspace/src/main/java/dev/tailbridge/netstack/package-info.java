/**
 * Links that carry IP packets, and a TCP stack on top of one.
 *
 * <p>A WireGuard peer and a tailnet node are both a {@link dev.tailbridge.netstack.PacketLink}.
 */
@NullMarked
package dev.tailbridge.netstack;

import org.jspecify.annotations.NullMarked;
