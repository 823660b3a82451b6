/**
 * The bridge's own tunnel address as a machine that a device can talk to: a stack of its own, and
 * what listens there.
 */
@NullMarked
package dev.tailbridge.bridge.forward.host;

import org.jspecify.annotations.NullMarked;
