/**
 * The admin side: health checks and an HTTP API on a loopback address.
 *
 * <p>{@link dev.tailbridge.bridge.admin.AdminServer} answers from what a {@link
 * dev.tailbridge.bridge.admin.BridgeStatus} tells it. It has threads of its own, so it answers
 * while an event loop hangs, and says so.
 */
@NullMarked
package dev.tailbridge.bridge.admin;

import org.jspecify.annotations.NullMarked;
