/** Benchmarks of parts that the protocol keeps to itself. */
@NullMarked
package dev.tailbridge.wireguard.protocol;

import org.jspecify.annotations.NullMarked;
