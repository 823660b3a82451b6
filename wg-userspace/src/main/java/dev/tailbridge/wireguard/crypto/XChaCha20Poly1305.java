package dev.tailbridge.wireguard.crypto;

import java.util.Arrays;

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), the AEAD of cookie replies (paper 5.4.7). */
public final class XChaCha20Poly1305 {

  /** Bytes of a nonce; long enough to be drawn at random. */
  public static final int NONCE_BYTES = 24;

  private static final int[] SIGMA = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

  private XChaCha20Poly1305() {}

  /** Encrypts all of {@code plain} into {@code out}; the tag follows. */
  public static void seal(
      byte[] key,
      byte[] nonce,
      int nonceOffset,
      byte[] associated,
      byte[] plain,
      byte[] out,
      int outOffset) {
    byte[] subkey = hChaCha20(key, nonce, nonceOffset);
    HandshakeAead.seal(subkey, tail(nonce, nonceOffset), associated, plain, out, outOffset);
    Arrays.fill(subkey, (byte) 0);
  }

  /** Decrypts into {@code out}; false, and {@code out} zero, when it is not authentic. */
  public static boolean open(
      byte[] key,
      byte[] nonce,
      int nonceOffset,
      byte[] associated,
      byte[] in,
      int inOffset,
      int length,
      byte[] out) {
    byte[] subkey = hChaCha20(key, nonce, nonceOffset);
    boolean authentic =
        HandshakeAead.open(subkey, tail(nonce, nonceOffset), associated, in, inOffset, length, out);
    Arrays.fill(subkey, (byte) 0);
    return authentic;
  }

  /** The inner nonce: four zero bytes and the last eight of the long one (draft 2.3). */
  private static byte[] tail(byte[] nonce, int offset) {
    byte[] inner = new byte[12];
    System.arraycopy(nonce, offset + 16, inner, 4, 8);
    return inner;
  }

  /** Draft 2.2: the ChaCha20 block without its final addition, words 0-3 and 12-15. */
  static byte[] hChaCha20(byte[] key, byte[] nonce, int nonceOffset) {
    int[] x = new int[16];
    System.arraycopy(SIGMA, 0, x, 0, 4);
    for (int i = 0; i < 8; i++) {
      x[4 + i] = littleEndian(key, 4 * i);
    }
    for (int i = 0; i < 4; i++) {
      x[12 + i] = littleEndian(nonce, nonceOffset + 4 * i);
    }
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 4; i++) {
        quarterRound(x, i, 4 + i, 8 + i, 12 + i);
      }
      for (int i = 0; i < 4; i++) {
        quarterRound(x, i, 4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3));
      }
    }
    byte[] subkey = new byte[32];
    for (int i = 0; i < 4; i++) {
      putLittleEndian(subkey, 4 * i, x[i]);
      putLittleEndian(subkey, 16 + 4 * i, x[12 + i]);
    }
    Arrays.fill(x, 0);
    return subkey;
  }

  private static void quarterRound(int[] x, int a, int b, int c, int d) {
    x[a] += x[b];
    x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
  }

  private static int littleEndian(byte[] bytes, int offset) {
    return (bytes[offset] & 0xff)
        | (bytes[offset + 1] & 0xff) << 8
        | (bytes[offset + 2] & 0xff) << 16
        | (bytes[offset + 3] & 0xff) << 24;
  }

  private static void putLittleEndian(byte[] bytes, int offset, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[offset + i] = (byte) (value >>> (8 * i));
    }
  }
}
