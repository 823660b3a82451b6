package dev.tailbridge.wireguard;

import java.util.Arrays;
import java.util.Base64;

/** The text form of all 32-byte keys. Its errors say what is wrong without quoting the key. */
final class KeyText {

  static final int KEY_BYTES = 32;
  private static final int KEY_CHARACTERS = 44;

  private KeyText() {}

  /** Decodes canonical base64; {@code kind} names the key in the error, as in "public key". */
  static byte[] decode(String text, String kind) {
    if (text.length() != KEY_CHARACTERS) {
      throw malformed(kind, "it has " + text.length() + " characters");
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed(kind, "it has a character that base64 does not use");
    }
    // One key has one spelling: spare bits in the last character must be zero, as wg(8) demands.
    if (key.length != KEY_BYTES || !encode(key).equals(text)) {
      Arrays.fill(key, (byte) 0);
      throw malformed(kind, "it is not the base64 of exactly 32 bytes");
    }
    return key;
  }

  static String encode(byte[] key) {
    return Base64.getEncoder().encodeToString(key);
  }

  /** Copies raw key bytes, refusing any other length. */
  static byte[] copyOf(byte[] key, String kind) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "A WireGuard " + kind + " is 32 bytes, this one has " + key.length);
    }
    return key.clone();
  }

  private static IllegalArgumentException malformed(String kind, String why) {
    return new IllegalArgumentException(
        "Not a WireGuard "
            + kind
            + ": "
            + why
            + "; write the 44 base64 characters that wg(8) prints (wg genkey, pubkey, genpsk)");
  }
}
