/**
 * The journeys of packets through a whole bridge, from a tailnet client to a device and back: every
 * part is a process of its own and real. They run against Headscale and against Tailscale's own
 * test control server.
 */
@NullMarked
package dev.tailbridge.journeys;

import org.jspecify.annotations.NullMarked;
