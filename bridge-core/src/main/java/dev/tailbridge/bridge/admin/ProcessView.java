package dev.tailbridge.bridge.admin;

import org.jspecify.annotations.Nullable;

/**
 * What the bridge's process uses, and the one that runs beside it.
 *
 * @param residentBytes memory of the whole process, as Linux counts it; 0 where it cannot be read
 * @param javaHeapBytes of it, what the JVM's heap has in use, garbage included
 * @param goHeapBytes of it, live memory of the nodes in this process; null without the Go library,
 *     or when it did not answer in time
 * @param goroutines how many the Go library runs; null likewise
 * @param descriptors open file descriptors
 * @param sidecar the process of its own that holds nodes; null without one
 */
public record ProcessView(
    long residentBytes,
    long javaHeapBytes,
    @Nullable Long goHeapBytes,
    @Nullable Integer goroutines,
    int descriptors,
    @Nullable SidecarView sidecar) {}
