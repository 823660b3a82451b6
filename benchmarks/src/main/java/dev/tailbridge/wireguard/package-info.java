/** Benchmarks of the endpoint, below its public face. */
@NullMarked
package dev.tailbridge.wireguard;

import org.jspecify.annotations.NullMarked;
