package dev.tailbridge.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.nio.charset.StandardCharsets;

/**
 * What people write into a configuration: understood, or refused with a message that helps.
 *
 * <p>Normal builds run the inputs in {@code TextFuzzTestInputs}; CONTRIBUTING.md says how to fuzz.
 */
class TextFuzzTest {

  @FuzzTest
  void prefixes(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    IpPrefix prefix;
    try {
      prefix = IpPrefix.parse(text);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("'" + text + "'").hasNoCause();
      return;
    }
    assertThat(IpPrefix.parse(prefix.toString())).isEqualTo(prefix);
    assertThat(prefix.contains(prefix.address())).isTrue();
    assertThat(prefix.length()).isBetween(0, prefix.isIpv6() ? 128 : 32);
  }

  @FuzzTest
  void keys(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    byte[] key;
    try {
      key = KeyText.decode(text, "public key");
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("public key").hasNoCause();
      assertThat(text.length() < 8 || !e.getMessage().contains(text))
          .as("the error quotes the key")
          .isTrue();
      return;
    }
    assertThat(key).hasSize(32);
    assertThat(KeyText.encode(key)).isEqualTo(text);
  }
}
