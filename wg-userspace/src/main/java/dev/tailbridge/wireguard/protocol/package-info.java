/**
 * The WireGuard protocol as plain objects: handshake, keypairs, replay window, timers, cookies.
 *
 * <p>Bytes and {@code nowNanos} go in, bytes, packets and the next deadline come out. Nothing here
 * opens a socket, reads a clock, starts a thread or logs; randomness is handed in. All times are
 * nanoseconds of one monotonic clock that starts at or above zero. Nothing here is thread-safe: one
 * core and its peers belong to one thread.
 *
 * <p>Names and section numbers are those of the WireGuard whitepaper (Donenfeld, 2020).
 */
@NullMarked
package dev.tailbridge.wireguard.protocol;

import org.jspecify.annotations.NullMarked;
