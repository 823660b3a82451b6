/**
 * Tailnet nodes inside the JVM: start one, and its IP packets arrive on an event loop.
 *
 * <p>{@link dev.tailbridge.tailnet.Tailnet#open} loads the embedded Go library, once per process.
 * Every {@link dev.tailbridge.tailnet.TailnetNode} started after that is a machine of its own in
 * somebody's tailnet and, on this side, a {@link dev.tailbridge.netstack.PacketLink}. What happens
 * to it is told to its {@link dev.tailbridge.tailnet.NodeListener}; what one may ask it are futures
 * with deadlines, which complete on the control loop and fail with {@link
 * dev.tailbridge.tailnet.control.RequestFailedException}.
 */
@NullMarked
package dev.tailbridge.tailnet;

import org.jspecify.annotations.NullMarked;
