/** A whole fleet of devices on one bridge: what it takes, and what it lives through. */
@NullMarked
package dev.tailbridge.fleet;

import org.jspecify.annotations.NullMarked;
