/** Cryptokey routing: IP prefixes and the trie that maps an inner address to its peer. */
@NullMarked
package dev.tailbridge.wireguard.routing;

import org.jspecify.annotations.NullMarked;
