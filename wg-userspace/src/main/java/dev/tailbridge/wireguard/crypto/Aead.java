package dev.tailbridge.wireguard.crypto;

/**
 * ChaCha20-Poly1305 (RFC 8439) for transport data: one instance per key and direction.
 *
 * <ul>
 *   <li>The nonce is four zero bytes and the counter, little-endian; there is no associated data
 *       (paper 5.4.6).
 *   <li>Input and output are different arrays, or ranges that do not overlap.
 *   <li>Opening never throws on bad input, and after a failure nothing readable is left in the
 *       output range; what follows it in the array may be zero then.
 *   <li>Nobody else touches either array during a call: an implementation may work on a copy of the
 *       whole array and write that back.
 * </ul>
 *
 * <p>Not thread-safe.
 */
public interface Aead {

  /** Bytes by which the ciphertext is longer. */
  int TAG_BYTES = 16;

  int KEY_BYTES = 32;

  /**
   * Encrypts {@code length} bytes. A counter is used once only.
   *
   * @return bytes written: {@code length + TAG_BYTES}
   * @throws IllegalStateException when the counter is that of the last call
   */
  int seal(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset);

  /**
   * Decrypts {@code length} bytes of ciphertext with its tag. A counter may be used again.
   *
   * @return bytes written: {@code length - TAG_BYTES}; -1 when it is not authentic
   */
  int open(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset);

  /** Wipes the key as far as the implementation can reach it; afterwards both calls throw. */
  void destroy();
}
