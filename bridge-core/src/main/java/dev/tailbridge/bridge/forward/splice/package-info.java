/**
 * TCP that ends in the bridge on both sides: each connection is two, one to the caller and one to
 * whom it calls, and the bytes are passed on between them.
 *
 * <p>A caller sees what the other side said: it is accepted, refused or left without an answer as
 * the called machine did it, and FINs and resets go through as such.
 */
@NullMarked
package dev.tailbridge.bridge.forward.splice;

import org.jspecify.annotations.NullMarked;
