package dev.tailbridge.wireguard.crypto;

/** By Bouncy Castle's lightweight API: the reference, and always available. */
final class BouncyCastleCrypto implements CryptoProvider {

  static final String NAME = "bouncycastle";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return NAME;
  }

  @Override
  public Aead aead(byte[] key) {
    return new BouncyCastleAead(key);
  }

  @Override
  public boolean agree(byte[] privateKey, byte[] publicKey, byte[] shared) {
    return X25519.agree(privateKey, publicKey, shared);
  }
}
