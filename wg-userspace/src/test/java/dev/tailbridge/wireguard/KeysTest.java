package dev.tailbridge.wireguard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tailbridge.testing.SeededSecureRandom;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class KeysTest {

  private static final String TEXT = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";

  @Test
  void theTextFormIsKept() {
    assertThat(PublicKey.fromBase64(TEXT).toBase64()).isEqualTo(TEXT);
    assertThat(PrivateKey.fromBase64(TEXT).toBase64()).isEqualTo(TEXT);
    assertThat(PresharedKey.fromBase64(TEXT).toBase64()).isEqualTo(TEXT);
  }

  @Test
  void aBadTextIsExplainedAndNotQuoted() {
    List<Function<String, Object>> parsers =
        List.of(PublicKey::fromBase64, PrivateKey::fromBase64, PresharedKey::fromBase64);
    List<String> bad =
        List.of(
            "",
            "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk",
            TEXT + "=",
            TEXT + "\n",
            TEXT.replace('+', '-'),
            // Not canonical: the spare bits of the last character are set.
            "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBml=",
            // 33 bytes and 31.
            "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmkA",
            "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBg==");
    for (Function<String, Object> parser : parsers) {
      for (String text : bad) {
        assertThatThrownBy(() -> parser.apply(text))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("44 base64 characters")
            .message()
            .doesNotContain("yAnz5TF")
            .containsAnyOf("public key", "private key", "preshared key");
      }
    }
  }

  @Test
  void secretsDoNotShow() {
    assertThat(PrivateKey.fromBase64(TEXT).toString()).doesNotContain("yAnz");
    assertThat(PresharedKey.fromBase64(TEXT).toString()).doesNotContain("yAnz");
    PeerConfig config =
        PeerConfig.of("a", PublicKey.of(new byte[32]), List.of())
            .withPresharedKey(PresharedKey.fromBase64(TEXT));
    assertThat(config.toString()).doesNotContain("yAnz");
  }

  @Test
  void equalityIsOfTheBytes() {
    assertThat(PrivateKey.fromBase64(TEXT)).isEqualTo(PrivateKey.fromBase64(TEXT));
    assertThat(PrivateKey.fromBase64(TEXT)).hasSameHashCodeAs(PrivateKey.fromBase64(TEXT));
    assertThat(PresharedKey.fromBase64(TEXT)).isEqualTo(PresharedKey.fromBase64(TEXT));
    assertThat(PublicKey.fromBase64(TEXT)).isEqualTo(PublicKey.fromBase64(TEXT));
    assertThat(PublicKey.fromBase64(TEXT)).isNotEqualTo(PublicKey.of(new byte[32]));
    assertThat(PrivateKey.generate(new SeededSecureRandom(1)))
        .isNotEqualTo(PrivateKey.generate(new SeededSecureRandom(2)));
  }

  @Test
  void bytesAreCopies() {
    byte[] bytes = new byte[32];
    PresharedKey key = PresharedKey.of(bytes);
    bytes[0] = 1;
    key.bytes()[1] = 1;
    assertThat(key.bytes()).containsOnly(0);
  }
}
