package dev.tailbridge.wireguard.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.spec.EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.security.auth.DestroyFailedException;
import org.jspecify.annotations.Nullable;

/**
 * By Conscrypt, which is BoringSSL's code behind the interfaces of JCE.
 *
 * <p>It is looked for at run time, so it may be absent, and it is not registered with the JVM: TLS
 * and everything else in this process go on as they were.
 */
final class ConscryptCrypto implements CryptoProvider {

  static final String NAME = "conscrypt";

  private final Provider provider;
  private final String version;
  private final KeyFactory keys;

  /**
   * @throws ClassNotFoundException when it is not on the class path
   * @throws ReflectiveOperationException when it is there and cannot be used; the cause tells why
   * @throws LinkageError likewise
   */
  ConscryptCrypto() throws ReflectiveOperationException, GeneralSecurityException {
    Class<?> conscrypt =
        Class.forName("org.conscrypt.Conscrypt", true, ConscryptCrypto.class.getClassLoader());
    this.provider = (Provider) conscrypt.getMethod("newProvider").invoke(null);
    this.version = version(conscrypt);
    this.keys = KeyFactory.getInstance("XDH", provider);
    CryptoSelfTest.checkCipher(cipher());
  }

  private static String version(Class<?> conscrypt) throws ReflectiveOperationException {
    Object version = conscrypt.getMethod("version").invoke(null);
    if (version == null) {
      return "";
    }
    String text = "";
    for (String part : new String[] {"major", "minor", "patch"}) {
      text += (text.isEmpty() ? " " : ".") + version.getClass().getMethod(part).invoke(version);
    }
    return text;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return NAME + version;
  }

  @Override
  public Aead aead(byte[] key) {
    try {
      // Conscrypt keeps the array that it is given, so there is no other copy to wipe.
      return new JceAead(cipher(), key, false);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Conscrypt had ChaCha20-Poly1305 when it was chosen", e);
    }
  }

  /** Leaves one copy of the private key, which Conscrypt makes, to the garbage collector. */
  @Override
  public boolean agree(byte[] privateKey, byte[] publicKey, byte[] shared) {
    Arrays.fill(shared, (byte) 0);
    PrivateKey ours = null;
    try {
      KeyAgreement agreement = KeyAgreement.getInstance("XDH", provider);
      ours = keys.generatePrivate(new RawKey(privateKey.clone()));
      agreement.init(ours);
      agreement.doPhase(keys.generatePublic(new RawKey(publicKey)), true);
      agreement.generateSecret(shared, 0);
    } catch (GeneralSecurityException e) {
      // What it says of a zero secret; on other failures too the handshake ends here.
      return false;
    } finally {
      destroy(ours);
    }
    return !isZero(shared);
  }

  private static void destroy(@Nullable PrivateKey key) {
    if (key != null) {
      try {
        key.destroy();
      } catch (DestroyFailedException e) {
        throw new IllegalStateException("Conscrypt's X25519 keys can be destroyed", e);
      }
    }
  }

  private static boolean isZero(byte[] bytes) {
    int any = 0;
    for (byte b : bytes) {
      any |= b;
    }
    return any == 0;
  }

  private Cipher cipher() throws GeneralSecurityException {
    return Cipher.getInstance("ChaCha20/Poly1305/NoPadding", provider);
  }

  /** The 32 bytes themselves, which Conscrypt takes beside the encodings that JCE knows. */
  private static final class RawKey extends EncodedKeySpec {

    private final byte[] key;

    /** Takes the array over: it is the one that a private key's {@code destroy} wipes. */
    RawKey(byte[] key) {
      super(new byte[0]);
      this.key = key;
    }

    @Override
    public byte[] getEncoded() {
      return key;
    }

    @Override
    public String getFormat() {
      return "raw";
    }
  }
}
