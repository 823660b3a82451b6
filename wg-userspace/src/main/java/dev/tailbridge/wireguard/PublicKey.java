package dev.tailbridge.wireguard;

import java.util.Arrays;

/** A Curve25519 public key: 32 bytes that name a peer. Immutable. */
public final class PublicKey {

  private static final String KIND = "public key";

  private final byte[] bytes;
  private final int hash;

  private PublicKey(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /**
   * Reads the form that {@code wg pubkey} prints.
   *
   * @throws IllegalArgumentException with a message for the person who wrote the text
   */
  public static PublicKey fromBase64(String text) {
    return new PublicKey(KeyText.decode(text, KIND));
  }

  /** Copies 32 raw bytes. */
  public static PublicKey of(byte[] bytes) {
    return new PublicKey(KeyText.copyOf(bytes, KIND));
  }

  public String toBase64() {
    return KeyText.encode(bytes);
  }

  /** A copy of the 32 bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey key && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return toBase64();
  }
}
