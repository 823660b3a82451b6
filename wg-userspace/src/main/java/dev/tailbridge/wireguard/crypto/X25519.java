package dev.tailbridge.wireguard.crypto;

import java.security.SecureRandom;

/** Diffie-Hellman on Curve25519 (RFC 7748). */
public final class X25519 {

  public static final int KEY_BYTES = 32;

  private X25519() {}

  /** A new private key, clamped. */
  public static byte[] generatePrivateKey(SecureRandom random) {
    byte[] key = new byte[KEY_BYTES];
    org.bouncycastle.math.ec.rfc7748.X25519.generatePrivateKey(random, key);
    return key;
  }

  public static byte[] publicKey(byte[] privateKey) {
    byte[] key = new byte[KEY_BYTES];
    org.bouncycastle.math.ec.rfc7748.X25519.generatePublicKey(privateKey, 0, key, 0);
    return key;
  }

  /**
   * Fills {@code shared} with the shared secret.
   *
   * @return false when the secret is zero, which only a public key of low order brings about; such
   *     a secret must not be used
   */
  public static boolean agree(byte[] privateKey, byte[] publicKey, byte[] shared) {
    return org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(
        privateKey, 0, publicKey, 0, shared, 0);
  }
}
