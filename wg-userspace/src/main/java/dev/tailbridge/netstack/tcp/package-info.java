/**
 * TCP (RFC 9293) as a plain object: segments, bytes of the application and the time go in; segments
 * and the next deadline come out.
 *
 * <p>{@link dev.tailbridge.netstack.tcp.Tcb} is one connection. It does no I/O and knows no clock,
 * thread, channel, random source or log: time is a {@code long nowNanos} that never goes back, and
 * what must not be guessed (the initial sequence number) comes from outside. Input never emits; the
 * owner calls {@code pollTransmit} afterwards, so that a burst of input leaves as one batch.
 *
 * <p>Sequence numbers are {@code int}s of which all 32 bits count; {@link
 * dev.tailbridge.netstack.tcp.Seq} compares them.
 */
@NullMarked
package dev.tailbridge.netstack.tcp;

import org.jspecify.annotations.NullMarked;
