/**
 * The control pair between Java and the Go library: one stream of frames, one writer, a deadline
 * for every request.
 *
 * <p>A frame is a 32-bit big-endian length of what follows (at most 1 MiB), a type byte, a 32-bit
 * request id (0 for events) and a JSON object in UTF-8.
 */
@NullMarked
package dev.tailbridge.tailnet.control;

import org.jspecify.annotations.NullMarked;
