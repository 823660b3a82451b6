package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.crypto.Aead;
import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.HandshakeAead;
import dev.tailbridge.wireguard.crypto.X25519;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Chaining key and hash of one handshake (paper 5.4.2 and 5.4.3, Noise 5.2). */
final class SymmetricState {

  static final byte[] INITIAL_CHAINING_KEY =
      Blake2s.hash("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(StandardCharsets.UTF_8));
  static final byte[] INITIAL_HASH =
      Blake2s.hash(
          INITIAL_CHAINING_KEY,
          "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(StandardCharsets.UTF_8));

  private static final byte[] EMPTY = new byte[0];

  final byte[] chainingKey;
  final byte[] hash;
  private final CryptoProvider crypto;

  private SymmetricState(CryptoProvider crypto, byte[] chainingKey, byte[] hash) {
    this.crypto = crypto;
    this.chainingKey = chainingKey;
    this.hash = hash;
  }

  /** The state before the first message: the responder's static key is known to both. */
  static SymmetricState start(CryptoProvider crypto, byte[] responderPublic) {
    return new SymmetricState(
        crypto, INITIAL_CHAINING_KEY.clone(), Blake2s.hash(INITIAL_HASH, responderPublic));
  }

  SymmetricState copy() {
    return new SymmetricState(crypto, chainingKey.clone(), hash.clone());
  }

  /** An ephemeral key in clear: into the hash, and with a preshared key also into the key (e). */
  void mixEphemeral(byte[] ephemeralPublic) {
    Blake2s.mixHash(hash, ephemeralPublic, 0, ephemeralPublic.length);
    Blake2s.kdf(chainingKey, ephemeralPublic, chainingKey);
  }

  /**
   * A Diffie-Hellman result (es, ee, se).
   *
   * @return false when it is zero: the handshake ends here
   */
  boolean mixAgreement(byte[] privateKey, byte[] publicKey, byte[] key) {
    byte[] shared = new byte[X25519.KEY_BYTES];
    boolean usable = crypto.agree(privateKey, publicKey, shared);
    if (usable) {
      mixSecret(shared, key);
    }
    Arrays.fill(shared, (byte) 0);
    return usable;
  }

  /** A known Diffie-Hellman result (ss); {@code key} becomes the key for the next field. */
  void mixSecret(byte[] secret, byte[] key) {
    Blake2s.kdf(chainingKey, secret, chainingKey, key);
  }

  /** The preshared key (psk); {@code key} becomes the key for the next field. */
  void mixPresharedKey(byte[] presharedKey, byte[] key) {
    byte[] tau = new byte[Blake2s.HASH_BYTES];
    Blake2s.kdf(chainingKey, presharedKey, chainingKey, tau, key);
    Blake2s.mixHash(hash, tau, 0, tau.length);
    Arrays.fill(tau, (byte) 0);
  }

  /** Encrypts a field under the hash so far, and hashes the ciphertext. */
  void sealAndHash(byte[] key, byte[] plain, byte[] out, int offset) {
    HandshakeAead.seal(key, hash, plain, out, offset);
    Blake2s.mixHash(hash, out, offset, plain.length + Aead.TAG_BYTES);
  }

  /** Decrypts a field; false when it is not authentic, and then the state is of no more use. */
  boolean openAndHash(byte[] key, byte[] message, int offset, byte[] plain) {
    int length = plain.length + Aead.TAG_BYTES;
    boolean authentic = HandshakeAead.open(key, hash, message, offset, length, plain);
    Blake2s.mixHash(hash, message, offset, length);
    return authentic;
  }

  /** Paper 5.4.5: two transport keys, the initiator's sending key first. */
  void split(byte[] initiatorSends, byte[] responderSends) {
    Blake2s.kdf(chainingKey, EMPTY, initiatorSends, responderSends);
  }

  void wipe() {
    Arrays.fill(chainingKey, (byte) 0);
    Arrays.fill(hash, (byte) 0);
  }
}
