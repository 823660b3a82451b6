package dev.tailbridge.bridge.admin;

/**
 * How busy an event loop is.
 *
 * @param pendingTasks what others handed over to it and it has not begun yet
 * @param delayMillis how long it took to begin a task that was handed to it for this answer
 */
public record LoopView(int pendingTasks, double delayMillis) {}
