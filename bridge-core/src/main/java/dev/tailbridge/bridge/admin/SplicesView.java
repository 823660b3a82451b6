package dev.tailbridge.bridge.admin;

/**
 * A device's TCP connections that end in the bridge, in both directions. Counts are since it
 * joined.
 *
 * @param open connections that run now
 * @param dialing calls that are being passed on now
 * @param waiting callers that wait for a free connection of the device
 * @param accepted calls that were answered with yes
 * @param refused calls that were answered with a reset
 * @param unanswered calls that stayed without an answer
 * @param abandoned calls whose caller was gone before the answer
 * @param dialSeconds time that all accepted calls together waited for the called machine
 */
public record SplicesView(
    int open,
    int dialing,
    int waiting,
    long accepted,
    long refused,
    long unanswered,
    long abandoned,
    double dialSeconds) {}
