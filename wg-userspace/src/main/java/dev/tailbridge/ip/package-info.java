/**
 * IP packets as they lie in a buffer: header views, checksums, rewriting in place, and the few
 * packets that answer another one (ICMP errors, TCP resets).
 *
 * <p>A view is a buffer and an index, nothing else: it copies nothing, owns nothing and is valid as
 * long as the buffer is. Views read what they are asked for and trust the caller to have checked
 * the lengths first ({@link dev.tailbridge.ip.Ipv4Header#fault}, {@link
 * dev.tailbridge.ip.TcpHeader#isWhole} and so on). IPv4 addresses are {@code int}s in network
 * order, as they stand in the header; ports and identifiers are unsigned, 0 to 65535.
 *
 * <p>Nothing here does I/O or knows a clock, a channel or a thread.
 */
@NullMarked
package dev.tailbridge.ip;

import org.jspecify.annotations.NullMarked;
