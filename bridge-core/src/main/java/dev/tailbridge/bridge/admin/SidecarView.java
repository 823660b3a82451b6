package dev.tailbridge.bridge.admin;

import org.jspecify.annotations.Nullable;

/**
 * The process with the nodes of those tailnets that have {@code mode = "sidecar"}.
 *
 * @param pid of the one that runs, or ran last
 * @param running whether it does; else it is about to be started again
 * @param restarts how often another one took the place of one that ended
 * @param residentBytes its memory, as Linux counts it; 0 where it cannot be read
 * @param goHeapBytes of it, live memory of the nodes; null when it did not answer in time
 * @param goroutines how many it runs; null likewise
 * @param descriptors its open file descriptors; null likewise
 */
public record SidecarView(
    long pid,
    boolean running,
    int restarts,
    long residentBytes,
    @Nullable Long goHeapBytes,
    @Nullable Integer goroutines,
    @Nullable Integer descriptors) {}
