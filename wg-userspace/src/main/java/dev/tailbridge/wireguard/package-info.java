/**
 * A WireGuard endpoint for Netty, in pure Java: keys, peers, status and the UDP sockets.
 *
 * <p>A {@link dev.tailbridge.wireguard.WireGuardEndpoint} listens on one or more UDP addresses on
 * one event loop. Each {@link dev.tailbridge.wireguard.WireGuardPeer} is a {@link
 * dev.tailbridge.netstack.PacketLink}: IP packets written to it leave encrypted, IP packets that
 * arrive from it are authenticated and their source is one of its allowed addresses.
 *
 * <p>The protocol itself is in {@link dev.tailbridge.wireguard.protocol} and does no I/O.
 */
@NullMarked
package dev.tailbridge.wireguard;

import org.jspecify.annotations.NullMarked;
