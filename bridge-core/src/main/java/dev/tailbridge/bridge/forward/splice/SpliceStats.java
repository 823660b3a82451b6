package dev.tailbridge.bridge.forward.splice;

/**
 * A snapshot of one device's spliced connections, both those to it and those that it opened. Counts
 * are since the start.
 *
 * @param open connections that run now
 * @param dialing callers whose call is being passed on now
 * @param waiting callers that wait for a free connection of the device
 * @param accepted calls that were answered with yes
 * @param refused calls that were answered with a reset, by the called machine or for it
 * @param unanswered calls that the called machine left without an answer
 * @param abandoned calls whose caller was gone before the answer, or before it was through
 * @param dialNanos time that all accepted calls together waited for the called machine
 * @param handshakeNanos time that they waited for their caller after that
 */
public record SpliceStats(
    int open,
    int dialing,
    int waiting,
    long accepted,
    long refused,
    long unanswered,
    long abandoned,
    long dialNanos,
    long handshakeNanos) {}
