package dev.tailbridge.wireguard.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Known answers, asked for before a provider is trusted: what an implementation gets wrong here, a
 * native one built for another machine for instance, would otherwise be a peer's silence.
 */
final class CryptoSelfTest {

  private static final byte[] SUNSCREEN =
      ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
              + " future, sunscreen would be it.")
          .getBytes(StandardCharsets.US_ASCII);

  private static final int[] LENGTHS = {0, 1, 16, 63, 64, 65, 148, 1420};

  private CryptoSelfTest() {}

  /**
   * The example of RFC 8439, 2.8.2, both ways.
   *
   * @throws GeneralSecurityException when the answer is wrong, or none
   */
  static void checkCipher(Cipher cipher) throws GeneralSecurityException {
    var key =
        new SecretKeySpec(
            hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"), "ChaCha20");
    var nonce = new IvParameterSpec(hex("070000004041424344454647"));
    byte[] associated = hex("50515253c0c1c2c3c4c5c6c7");
    byte[] answer =
        hex(
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                + "3ff4def08e4b7a9de576d26586cec64b6116"
                + "1ae10b594f09e26a7e902ecbd0600691");
    cipher.init(Cipher.ENCRYPT_MODE, key, nonce);
    cipher.updateAAD(associated);
    check(Arrays.equals(cipher.doFinal(SUNSCREEN), answer), "RFC 8439, 2.8.2, sealed");
    // In between, since some refuse the nonce that they had last.
    cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(new byte[12]));
    cipher.init(Cipher.DECRYPT_MODE, key, nonce);
    cipher.updateAAD(associated);
    check(Arrays.equals(cipher.doFinal(answer), SUNSCREEN), "RFC 8439, 2.8.2, opened");
  }

  /**
   * What is asked of a provider in use: agreement with the reference in both directions, on one key
   * after another packet; a forgery noticed, and without harm to the genuine packet.
   *
   * @throws GeneralSecurityException when an answer is wrong
   */
  static void checkProvider(CryptoProvider provider) throws GeneralSecurityException {
    byte[] key = hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
    Aead sealing = provider.aead(key);
    Aead opening = provider.aead(key);
    Aead reference = new BouncyCastleAead(key);
    for (int i = 0; i < LENGTHS.length; i++) {
      int length = LENGTHS[i];
      byte[] plain = new byte[length];
      Arrays.fill(plain, (byte) (length + i + 1));
      byte[] expected = new byte[length + Aead.TAG_BYTES];
      reference.seal(i, plain, 0, length, expected, 0);
      byte[] sealed = new byte[length + Aead.TAG_BYTES];
      int written = sealing.seal(i, plain, 0, length, sealed, 0);
      check(written == sealed.length && Arrays.equals(sealed, expected), length + " bytes sealed");
      byte[] opened = new byte[length];
      sealed[length] ^= 1;
      int forged = opening.open(i, sealed, 0, sealed.length, opened, 0);
      check(forged == -1 && Arrays.equals(opened, new byte[length]), "a forgery refused");
      written = opening.open(i, expected, 0, expected.length, opened, 0);
      check(written == length && Arrays.equals(opened, plain), length + " bytes opened");
    }
    sealing.destroy();
    opening.destroy();
    reference.destroy();
    checkAgreement(provider);
  }

  /** RFC 7748, 6.1, and a point of order one. */
  private static void checkAgreement(CryptoProvider provider) throws GeneralSecurityException {
    byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    byte[] alicePublic = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    byte[] bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    byte[] bobPublic = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    byte[] secret = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    byte[] shared = new byte[X25519.KEY_BYTES];
    check(
        provider.agree(alice, bobPublic, shared) && Arrays.equals(shared, secret),
        "RFC 7748, 6.1, Alice's side");
    check(
        provider.agree(bob, alicePublic, shared) && Arrays.equals(shared, secret),
        "RFC 7748, 6.1, Bob's side");
    check(!provider.agree(alice, new byte[X25519.KEY_BYTES], shared), "a zero secret refused");
  }

  private static void check(boolean right, String what) throws GeneralSecurityException {
    if (!right) {
      throw new GeneralSecurityException("wrong answer in the self-test: " + what);
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
