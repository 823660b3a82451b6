package dev.tailbridge.wireguard.crypto;

import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * ChaCha20-Poly1305 with associated data, one shot: handshake fields (nonce zero, paper 5.4.2) and,
 * with a derived key, cookie replies.
 */
public final class HandshakeAead {

  private static final byte[] ZERO_NONCE = new byte[12];

  private HandshakeAead() {}

  /** Encrypts all of {@code plain} into {@code out}; the tag follows. */
  public static void seal(byte[] key, byte[] associated, byte[] plain, byte[] out, int outOffset) {
    seal(key, ZERO_NONCE, associated, plain, out, outOffset);
  }

  /** Decrypts into {@code out}; false, and {@code out} zero, when it is not authentic. */
  public static boolean open(
      byte[] key, byte[] associated, byte[] in, int inOffset, int length, byte[] out) {
    return open(key, ZERO_NONCE, associated, in, inOffset, length, out);
  }

  static void seal(
      byte[] key, byte[] nonce, byte[] associated, byte[] plain, byte[] out, int outOffset) {
    ChaCha20Poly1305 engine = engine(true, key, nonce, associated);
    int written = engine.processBytes(plain, 0, plain.length, out, outOffset);
    try {
      engine.doFinal(out, outOffset + written);
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("only opening checks a tag", e);
    }
  }

  static boolean open(
      byte[] key,
      byte[] nonce,
      byte[] associated,
      byte[] in,
      int inOffset,
      int length,
      byte[] out) {
    ChaCha20Poly1305 engine = engine(false, key, nonce, associated);
    int written = engine.processBytes(in, inOffset, length, out, 0);
    try {
      engine.doFinal(out, written);
      return true;
    } catch (InvalidCipherTextException e) {
      Arrays.fill(out, (byte) 0);
      return false;
    }
  }

  private static ChaCha20Poly1305 engine(
      boolean sealing, byte[] key, byte[] nonce, byte[] associated) {
    ChaCha20Poly1305 engine = new ChaCha20Poly1305();
    engine.init(
        sealing, new AEADParameters(new KeyParameter(key), Aead.TAG_BYTES * 8, nonce, associated));
    return engine;
  }
}
