/** Doubles for tests of any module: a virtual clock, a bad wire, a repeatable SecureRandom. */
@NullMarked
package dev.tailbridge.testing;

import org.jspecify.annotations.NullMarked;
