package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.crypto.Blake2s;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.X25519;
import java.security.MessageDigest;
import java.util.Arrays;

/** Our static key pair, what follows from it, and who calculates with it. */
final class Identity {

  final CryptoProvider crypto;
  final byte[] privateKey;
  final byte[] publicKey;
  private final byte[] mac1Key;

  /** Takes the array over and wipes it in {@link #wipe}. */
  Identity(CryptoProvider crypto, byte[] privateKey) {
    this.crypto = crypto;
    this.privateKey = privateKey;
    this.publicKey = X25519.publicKey(privateKey);
    this.mac1Key = Macs.mac1Key(publicKey);
  }

  /** Paper 5.4.4: whether the sender of this handshake message knows our public key. */
  boolean hasValidMac1(byte[] message, int length) {
    int mac1 = length - 2 * Blake2s.MAC_BYTES;
    byte[] expected = Blake2s.mac(mac1Key, message, 0, mac1);
    byte[] actual = Arrays.copyOfRange(message, mac1, mac1 + Blake2s.MAC_BYTES);
    return MessageDigest.isEqual(expected, actual);
  }

  void wipe() {
    Arrays.fill(privateKey, (byte) 0);
  }
}
