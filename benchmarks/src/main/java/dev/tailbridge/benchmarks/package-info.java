/** What single steps of the packet path cost. Figures are for ratios within one run. */
@NullMarked
package dev.tailbridge.benchmarks;

import org.jspecify.annotations.NullMarked;
