/** The primitives of WireGuard: AEAD, X25519, BLAKE2s, its KDF and MAC, TAI64N timestamps. */
@NullMarked
package dev.tailbridge.wireguard.crypto;

import org.jspecify.annotations.NullMarked;
