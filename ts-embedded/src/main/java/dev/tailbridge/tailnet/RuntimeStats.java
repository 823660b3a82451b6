package dev.tailbridge.tailnet;

/**
 * What the Go library uses in this process.
 *
 * @param goroutines how many run
 * @param heapBytes live Go heap
 * @param nodes how many nodes it holds
 * @param descriptors how many file descriptors the whole process has open
 */
public record RuntimeStats(int goroutines, long heapBytes, int nodes, int descriptors) {}
