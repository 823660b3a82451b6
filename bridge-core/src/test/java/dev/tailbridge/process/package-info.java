/** The bridge as a process: its privileges, its JVMs, its end, its answers to bad input. */
@NullMarked
package dev.tailbridge.process;

import org.jspecify.annotations.NullMarked;
