package dev.tailbridge.wireguard.crypto;

import java.util.Arrays;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/** BLAKE2s (RFC 7693) in the three ways in which WireGuard uses it (paper 5.4). */
public final class Blake2s {

  public static final int HASH_BYTES = 32;
  public static final int MAC_BYTES = 16;

  private Blake2s() {}

  /** Hash(input1 ‖ input2 ‖ …). */
  public static byte[] hash(byte[]... inputs) {
    Blake2sDigest digest = new Blake2sDigest(HASH_BYTES * 8);
    for (byte[] input : inputs) {
      digest.update(input, 0, input.length);
    }
    byte[] hash = new byte[HASH_BYTES];
    digest.doFinal(hash, 0);
    return hash;
  }

  /** Replaces {@code hash} by Hash(hash ‖ input). */
  public static void mixHash(byte[] hash, byte[] input, int offset, int length) {
    Blake2sDigest digest = new Blake2sDigest(HASH_BYTES * 8);
    digest.update(hash, 0, HASH_BYTES);
    digest.update(input, offset, length);
    digest.doFinal(hash, 0);
  }

  /** Mac(key, input): keyed BLAKE2s with 16 bytes of output. */
  public static byte[] mac(byte[] key, byte[] input, int offset, int length) {
    Blake2sDigest digest = new Blake2sDigest(key, MAC_BYTES, null, null);
    digest.update(input, offset, length);
    byte[] mac = new byte[MAC_BYTES];
    digest.doFinal(mac, 0);
    return mac;
  }

  /**
   * Kdf(key, input): HKDF with HMAC-BLAKE2s. Fills one to three outputs of 32 bytes; an output may
   * be the key's or the input's own array.
   */
  public static void kdf(byte[] key, byte[] input, byte[]... outputs) {
    HMac hmac = new HMac(new Blake2sDigest(HASH_BYTES * 8));
    byte[] secret = new byte[HASH_BYTES];
    hmac.init(new KeyParameter(key));
    hmac.update(input, 0, input.length);
    hmac.doFinal(secret, 0);
    hmac.init(new KeyParameter(secret));
    byte[] block = new byte[0];
    for (int i = 0; i < outputs.length; i++) {
      hmac.update(block, 0, block.length);
      hmac.update((byte) (i + 1));
      block = outputs[i];
      hmac.doFinal(block, 0);
    }
    hmac.init(new KeyParameter(new byte[HASH_BYTES]));
    Arrays.fill(secret, (byte) 0);
  }
}
