package dev.tailbridge.bridge.state;

import dev.tailbridge.wireguard.PublicKey;

/** A configured device that has a node in a tailnet; both names are DNS labels. */
public record NodeIdentity(PublicKey publicKey, String tailnet, String name) {}
