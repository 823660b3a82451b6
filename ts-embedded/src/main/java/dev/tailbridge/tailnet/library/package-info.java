/**
 * The Go library as a file and as five native calls: finding it, unpacking it, checking it, loading
 * it, and the one platform thread that may call it. And the same code as a child process, the
 * sidecar. Either is an {@link dev.tailbridge.tailnet.library.Engine}.
 *
 * <p>Go is never called from an event loop or a virtual thread: a thread that once entered Go keeps
 * a small alternate signal stack for life. Nothing is loaded before {@link
 * dev.tailbridge.tailnet.library.GoEngine#open}.
 */
@NullMarked
package dev.tailbridge.tailnet.library;

import org.jspecify.annotations.NullMarked;
