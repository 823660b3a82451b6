package dev.tailbridge.bridge.admin;

/**
 * How handshakes with a device ended, since it joined.
 *
 * @param completed sessions that began
 * @param abandoned calls of the bridge's that stayed without an answer to the end
 */
public record HandshakesView(long completed, long abandoned) {}
