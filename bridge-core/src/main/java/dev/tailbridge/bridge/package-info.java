/** Puts everything together, starts it, stops it. */
@NullMarked
package dev.tailbridge.bridge;

import org.jspecify.annotations.NullMarked;
