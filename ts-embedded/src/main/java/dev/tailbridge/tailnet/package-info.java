/** Tailnet nodes inside the JVM: start one, and its IP packets arrive on an event loop. */
@NullMarked
package dev.tailbridge.tailnet;

import org.jspecify.annotations.NullMarked;
