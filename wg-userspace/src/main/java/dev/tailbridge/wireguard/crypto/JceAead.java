package dev.tailbridge.wireguard.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/**
 * {@link Aead} by a {@link Cipher}; makes no garbage of its own per packet.
 *
 * <p>A cipher is initialized anew for each packet and holds the nonce array of the last one, to
 * refuse the same nonce again. So there are two arrays, used in turn: the new nonce never
 * overwrites the one that it is compared with.
 */
final class JceAead implements Aead {

  private final Cipher cipher;
  private final Key key;
  private final Nonce[] nonces = {new Nonce(), new Nonce()};
  private int turn;
  private long lastCounter;
  private boolean started;
  private boolean destroyed;

  /**
   * @param cipher taken over
   * @param handOutCopies whether the cipher wipes the arrays that it gets from its key
   */
  JceAead(Cipher cipher, byte[] key, boolean handOutCopies) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a key has 32 bytes, not " + key.length);
    }
    this.cipher = cipher;
    this.key = new Key(key.clone(), handOutCopies);
  }

  @Override
  public int seal(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    checkUsable();
    if (isLast(counter)) {
      throw new IllegalStateException("counter " + counter + " was used already");
    }
    try {
      start(Cipher.ENCRYPT_MODE, counter);
      return cipher.doFinal(in, inOffset, length, out, outOffset);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("sealing does not depend on the data", e);
    }
  }

  @Override
  public int open(long counter, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    checkUsable();
    if (length < TAG_BYTES) {
      return -1;
    }
    try {
      if (isLast(counter)) {
        // SunJCE before 21 or so refuses the last nonce when opening too, so that a forged packet
        // would take the genuine one of its counter with it.
        init(Cipher.DECRYPT_MODE, next().setUnused());
      }
      start(Cipher.DECRYPT_MODE, counter);
      return cipher.doFinal(in, inOffset, length, out, outOffset);
    } catch (BadPaddingException e) {
      // Not all ciphers touch the output then; what was there may be an earlier packet.
      Arrays.fill(out, outOffset, outOffset + length - TAG_BYTES, (byte) 0);
      return -1;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("only the tag depends on the data", e);
    }
  }

  /** What the cipher has derived from the key is overwritten by what it derives from a zero key. */
  @Override
  public void destroy() {
    if (destroyed) {
      return;
    }
    destroyed = true;
    key.wipe();
    try {
      init(Cipher.DECRYPT_MODE, next().setUnused());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a zero key is as good as any", e);
    }
  }

  private void checkUsable() {
    if (destroyed) {
      throw new IllegalStateException("this key was destroyed");
    }
  }

  private boolean isLast(long counter) {
    return started && counter == lastCounter;
  }

  private void start(int mode, long counter) throws GeneralSecurityException {
    init(mode, next().set(counter));
    started = true;
    lastCounter = counter;
  }

  private void init(int mode, Nonce nonce) throws GeneralSecurityException {
    cipher.init(mode, key, nonce);
  }

  private Nonce next() {
    turn ^= 1;
    return nonces[turn];
  }

  /** A nonce that hands out its own array. */
  private static final class Nonce extends IvParameterSpec {

    private static final int BYTES = 12;

    private final byte[] bytes = new byte[BYTES];

    Nonce() {
      super(new byte[BYTES]);
    }

    /** Paper 5.4.6: four zero bytes, and the counter in little-endian. */
    Nonce set(long counter) {
      Arrays.fill(bytes, 0, 4, (byte) 0);
      for (int i = 0; i < Long.BYTES; i++) {
        bytes[4 + i] = (byte) (counter >>> (8 * i));
      }
      return this;
    }

    /** Belongs to no counter. */
    Nonce setUnused() {
      Arrays.fill(bytes, (byte) 0xff);
      return this;
    }

    @Override
    public byte[] getIV() {
      return bytes;
    }
  }

  /** A key whose only copies are the ones we know of. */
  private static final class Key implements SecretKey {

    private final byte[] bytes;
    private final boolean handOutCopies;

    Key(byte[] bytes, boolean handOutCopies) {
      this.bytes = bytes;
      this.handOutCopies = handOutCopies;
    }

    void wipe() {
      Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String getAlgorithm() {
      return "ChaCha20";
    }

    @Override
    public String getFormat() {
      return "RAW";
    }

    @Override
    public byte[] getEncoded() {
      return handOutCopies ? bytes.clone() : bytes;
    }

    @Override
    public String toString() {
      return "key[hidden]";
    }
  }
}
