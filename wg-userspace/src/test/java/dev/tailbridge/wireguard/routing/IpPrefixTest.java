package dev.tailbridge.wireguard.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {

  @ParameterizedTest
  @CsvSource({
    "10.6.0.0/24, 10.6.0.0/24",
    "10.6.0.77/24, 10.6.0.0/24",
    "10.6.0.2, 10.6.0.2/32",
    "0.0.0.0/0, 0.0.0.0/0",
    "255.255.255.255/1, 128.0.0.0/1",
    "fd00::1/64, fd00:0:0:0:0:0:0:0/64",
    "::/0, 0:0:0:0:0:0:0:0/0",
    "2001:db8::1, 2001:db8:0:0:0:0:0:1/128"
  })
  void theCanonicalText(String text, String canonical) {
    assertThat(IpPrefix.parse(text)).hasToString(canonical);
    assertThat(IpPrefix.parse(canonical)).isEqualTo(IpPrefix.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "10.6.0.0/33",
        "10.6.0.0/-1",
        "10.6.0.0/",
        "10.6.0.0/024",
        "10.6.0/24",
        "10.6.0.256/24",
        "010.6.0.0/24",
        "10.6.0.0/24 ",
        "::/129",
        ":::/64",
        "fe80::1%lo/64",
        "localhost/8",
        "example.net",
        "::ffff:10.0.0.1/96",
        "10.6.0.0/99999999999",
        "1:2:3/64"
      })
  void nonsenseIsQuotedInTheError(String text) {
    assertThatThrownBy(() -> IpPrefix.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void contains() throws Exception {
    IpPrefix prefix = IpPrefix.parse("10.6.0.0/23");
    assertThat(prefix.contains(InetAddress.getByName("10.6.1.255"))).isTrue();
    assertThat(prefix.contains(InetAddress.getByName("10.6.2.0"))).isFalse();
    assertThat(prefix.contains(InetAddress.getByName("fd00::1"))).isFalse();
    assertThat(IpPrefix.of(InetAddress.getByName("10.6.1.9"), 23)).isEqualTo(prefix);
    assertThatThrownBy(() -> IpPrefix.of(InetAddress.getByName("10.6.1.9"), 33))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
