package dev.tailbridge.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The examples of the documents that define the primitives. */
class PublishedVectorsTest {

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  /** RFC 8439, 2.8.2. */
  @Test
  void chaCha20Poly1305() {
    byte[] key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    byte[] nonce = hex("070000004041424344454647");
    byte[] associated = hex("50515253c0c1c2c3c4c5c6c7");
    byte[] out = new byte[SUNSCREEN.length + 16];
    HandshakeAead.seal(key, nonce, associated, SUNSCREEN, out, 0);
    assertThat(HexFormat.of().formatHex(out))
        .startsWith("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6")
        .endsWith("1ae10b594f09e26a7e902ecbd0600691");
  }

  /** draft-irtf-cfrg-xchacha-03, 2.2.1. */
  @Test
  void hChaCha20() {
    byte[] key = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    byte[] nonce = hex("000000090000004a0000000031415927");
    assertThat(XChaCha20Poly1305.hChaCha20(key, nonce, 0))
        .isEqualTo(hex("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"));
  }

  /** draft-irtf-cfrg-xchacha-03, A.3.1. */
  @Test
  void xChaCha20Poly1305() {
    byte[] key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    byte[] nonce = hex("404142434445464748494a4b4c4d4e4f5051525354555657");
    byte[] associated = hex("50515253c0c1c2c3c4c5c6c7");
    byte[] out = new byte[SUNSCREEN.length + 16];
    XChaCha20Poly1305.seal(key, nonce, 0, associated, SUNSCREEN, out, 0);
    assertThat(HexFormat.of().formatHex(out))
        .startsWith("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb")
        .endsWith("c0875924c1c7987947deafd8780acf49");
    byte[] opened = new byte[SUNSCREEN.length];
    assertThat(XChaCha20Poly1305.open(key, nonce, 0, associated, out, 0, out.length, opened))
        .isTrue();
    assertThat(opened).isEqualTo(SUNSCREEN);
    out[0] ^= 1;
    assertThat(XChaCha20Poly1305.open(key, nonce, 0, associated, out, 0, out.length, opened))
        .isFalse();
    assertThat(opened).containsOnly(0);
  }

  /** RFC 7693, appendix B. */
  @Test
  void blake2s() {
    assertThat(Blake2s.hash("abc".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(hex("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"));
  }

  /** RFC 7748, 6.1. */
  @Test
  void x25519() {
    byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    byte[] bobPublic = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    byte[] shared = new byte[32];
    assertThat(X25519.agree(alice, bobPublic, shared)).isTrue();
    assertThat(shared)
        .isEqualTo(hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
  }

  private static final byte[] SUNSCREEN =
      ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
              + " future, sunscreen would be it.")
          .getBytes(StandardCharsets.US_ASCII);
}
