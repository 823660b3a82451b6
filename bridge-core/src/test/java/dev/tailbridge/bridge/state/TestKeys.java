package dev.tailbridge.bridge.state;

import dev.tailbridge.wireguard.PublicKey;

/** Public keys that differ; no private key belongs to them. */
final class TestKeys {

  private TestKeys() {}

  static PublicKey key(int number) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) number;
    return PublicKey.of(bytes);
  }
}
