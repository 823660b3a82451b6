package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.crypto.X25519;
import java.security.MessageDigest;
import java.security.SecureRandom;

/** A Curve25519 private key. Its {@link #toString} reveals nothing. Immutable. */
public final class PrivateKey {

  private static final String KIND = "private key";

  private final byte[] bytes;

  private PrivateKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new key, clamped like the ones that {@code wg genkey} prints. */
  public static PrivateKey generate(SecureRandom random) {
    return new PrivateKey(X25519.generatePrivateKey(random));
  }

  /**
   * Reads the form that {@code wg genkey} prints.
   *
   * @throws IllegalArgumentException with a message that never contains the text
   */
  public static PrivateKey fromBase64(String text) {
    return new PrivateKey(KeyText.decode(text, KIND));
  }

  /** Copies 32 raw bytes. */
  public static PrivateKey of(byte[] bytes) {
    return new PrivateKey(KeyText.copyOf(bytes, KIND));
  }

  public PublicKey publicKey() {
    return PublicKey.of(X25519.publicKey(bytes));
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
    return other instanceof PrivateKey key && MessageDigest.isEqual(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return publicKey().hashCode();
  }

  @Override
  public String toString() {
    return "PrivateKey[hidden]";
  }
}
