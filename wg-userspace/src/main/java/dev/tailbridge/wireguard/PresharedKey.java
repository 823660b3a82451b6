package dev.tailbridge.wireguard;

import java.security.MessageDigest;
import java.security.SecureRandom;

/** A symmetric key that both peers mix into the handshake (paper 5.2). Immutable. */
public final class PresharedKey {

  private static final String KIND = "preshared key";

  private final byte[] bytes;

  private PresharedKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new key, as {@code wg genpsk} makes them. */
  public static PresharedKey generate(SecureRandom random) {
    byte[] bytes = new byte[KeyText.KEY_BYTES];
    random.nextBytes(bytes);
    return new PresharedKey(bytes);
  }

  /**
   * Reads the form that {@code wg genpsk} prints.
   *
   * @throws IllegalArgumentException with a message that never contains the text
   */
  public static PresharedKey fromBase64(String text) {
    return new PresharedKey(KeyText.decode(text, KIND));
  }

  /** Copies 32 raw bytes. */
  public static PresharedKey of(byte[] bytes) {
    return new PresharedKey(KeyText.copyOf(bytes, KIND));
  }

  /** The secret itself, for writing a key file. */
  public String toBase64() {
    return KeyText.encode(bytes);
  }

  /** A copy of the 32 bytes; the caller wipes it. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Constant time. */
  @Override
  public boolean equals(Object other) {
    return other instanceof PresharedKey key && MessageDigest.isEqual(bytes, key.bytes);
  }

  /** The same for all keys: a hash that depended on the secret could end up in a log. */
  @Override
  public int hashCode() {
    return PresharedKey.class.hashCode();
  }

  @Override
  public String toString() {
    return "PresharedKey[hidden]";
  }
}
