/**
 * {@code state_dir}: what the bridge itself makes and must find again after a restart.
 *
 * <p>{@link dev.tailbridge.bridge.state.StateDirectory} is the folder, locked by one process.
 * {@link dev.tailbridge.bridge.state.StateStore} keeps {@code bridge.json} in it, replaced
 * atomically. {@link dev.tailbridge.bridge.state.NodeDirectories} says where each device's tailnet
 * node lives, so that a rename or a new key keeps the node.
 */
@NullMarked
package dev.tailbridge.bridge.state;

import org.jspecify.annotations.NullMarked;
