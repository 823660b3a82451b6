package dev.tailbridge.wireguard.crypto;

import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/** {@link Aead} by BouncyCastle's lightweight API: the reference, and always available. */
final class BouncyCastleAead implements Aead {

  private static final int NONCE_BYTES = 12;

  private final ChaCha20Poly1305 engine = new ChaCha20Poly1305();
  private final byte[] nonce = new byte[NONCE_BYTES];
  private boolean destroyed;

  /** Copies the key; the caller may wipe its array. */
  BouncyCastleAead(byte[] key) {
    keyEngine(key);
  }

  @Override
  public int seal(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    try {
      start(true, counter);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("counter " + counter + " was used already", e);
    }
    int written = engine.processBytes(in, inOffset, length, out, outOffset);
    try {
      return written + engine.doFinal(out, outOffset + written);
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("only opening checks a tag", e);
    }
  }

  @Override
  public int open(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    if (length < TAG_BYTES) {
      return -1;
    }
    start(false, counter);
    int written = engine.processBytes(in, inOffset, length, out, outOffset);
    try {
      return written + engine.doFinal(out, outOffset + written);
    } catch (InvalidCipherTextException e) {
      // The engine has written the plaintext before it knew that the tag is wrong.
      Arrays.fill(out, outOffset, outOffset + length - TAG_BYTES, (byte) 0);
      return -1;
    }
  }

  /** The engine keeps a copy of the key in an array of its own; a zero key overwrites it. */
  @Override
  public void destroy() {
    destroyed = true;
    keyEngine(new byte[KEY_BYTES]);
  }

  private void keyEngine(byte[] key) {
    // Sealing refuses the nonce of the last initialization: this one belongs to no counter.
    byte[] unused = new byte[NONCE_BYTES];
    Arrays.fill(unused, (byte) 0xff);
    engine.init(false, new ParametersWithIV(new KeyParameter(key), unused));
  }

  private void start(boolean sealing, long counter) {
    if (destroyed) {
      throw new IllegalStateException("this key was destroyed");
    }
    for (int i = 0; i < Long.BYTES; i++) {
      nonce[4 + i] = (byte) (counter >>> (8 * i));
    }
    engine.init(sealing, new ParametersWithIV(null, nonce));
  }
}
