/**
 * The lab from Java: starts control planes, bridges, simulated devices and tailnet clients as
 * processes on loopback, and asks them questions. Used by the integration tests and by {@code
 * ./demo}.
 *
 * <p>Whoever starts a process here ends it: every class is {@link AutoCloseable}, every wait has a
 * bound.
 */
@NullMarked
package dev.tailbridge.lab;

import org.jspecify.annotations.NullMarked;
