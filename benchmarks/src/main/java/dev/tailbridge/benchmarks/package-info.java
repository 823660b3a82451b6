/**
 * What single steps of the packet path cost, and the path as a whole. Figures are for ratios within
 * one run; {@code -prof gc} adds the bytes of garbage per packet.
 */
@NullMarked
package dev.tailbridge.benchmarks;

import org.jspecify.annotations.NullMarked;
