package dev.tailbridge.wireguard.crypto;

import java.security.GeneralSecurityException;
import java.security.NoSuchProviderException;
import java.security.Provider;
import java.security.Security;
import javax.crypto.Cipher;

/**
 * ChaCha20-Poly1305 by the JDK's own SunJCE, which is fast from Java 21 on. Its X25519 is half as
 * fast as Bouncy Castle's, so that one is used.
 */
final class JdkCrypto implements CryptoProvider {

  static final String NAME = "jdk";

  private final Provider provider;

  /**
   * @throws GeneralSecurityException when this Java has no SunJCE, or one without the cipher
   */
  JdkCrypto() throws GeneralSecurityException {
    Provider found = Security.getProvider("SunJCE");
    if (found == null) {
      throw new NoSuchProviderException("this Java has no provider SunJCE");
    }
    this.provider = found;
    CryptoSelfTest.checkCipher(cipher());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return NAME + " " + provider.getVersionStr();
  }

  @Override
  public Aead aead(byte[] key) {
    try {
      // SunJCE wipes the copy of the key that it got last when it gets the next one.
      return new JceAead(cipher(), key, true);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SunJCE had ChaCha20-Poly1305 when it was chosen", e);
    }
  }

  @Override
  public boolean agree(byte[] privateKey, byte[] publicKey, byte[] shared) {
    return X25519.agree(privateKey, publicKey, shared);
  }

  private Cipher cipher() throws GeneralSecurityException {
    return Cipher.getInstance("ChaCha20-Poly1305", provider);
  }
}
