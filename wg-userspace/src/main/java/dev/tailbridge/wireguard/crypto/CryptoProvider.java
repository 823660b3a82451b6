package dev.tailbridge.wireguard.crypto;

/**
 * Who does the work that grows with traffic and with handshakes: ChaCha20-Poly1305 and X25519.
 *
 * <p>Everything else (BLAKE2s, key pairs, the AEAD of handshake fields and cookies) is Bouncy
 * Castle's in any case. {@link CryptoProviders} has the ones that there are.
 *
 * <p>Thread-safe; an {@link Aead} is not.
 */
public interface CryptoProvider {

  /** As it is asked for: {@code bouncycastle}, {@code conscrypt} or {@code jdk}. */
  String name();

  /** The name, with the version where one is known: {@code conscrypt 2.9.0}. */
  String description();

  /**
   * An AEAD for one key and one direction.
   *
   * @param key 32 bytes; copied, so the caller may wipe its array
   */
  Aead aead(byte[] key);

  /**
   * The agreement of X25519 (RFC 7748): fills {@code shared} with the 32 bytes of the secret.
   *
   * @return false, and {@code shared} zero, when the secret is zero, which only a public key of low
   *     order brings about; such a secret must not be used
   */
  boolean agree(byte[] privateKey, byte[] publicKey, byte[] shared);
}
