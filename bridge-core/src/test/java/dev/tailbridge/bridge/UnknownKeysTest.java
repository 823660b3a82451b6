package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.PublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class UnknownKeysTest {

  private final UnknownKeys keys = new UnknownKeys();

  @Test
  void eachIsListedOnceWithWhereItWasHeardLast() {
    keys.remember(key(1), at(1000), 10);
    keys.remember(key(2), at(2000), 20);
    keys.remember(key(1), at(1001), 30);
    assertThat(keys.list())
        .containsExactly(
            new UnknownKeys.Seen(key(1), at(1001), 2, 30),
            new UnknownKeys.Seen(key(2), at(2000), 1, 20));
  }

  @Test
  void thoseThatWereNotHeardForLongestMakeRoom() {
    for (int i = 0; i < UnknownKeys.MOST; i++) {
      keys.remember(key(i), at(i), i);
    }
    keys.remember(key(0), at(0), 100);
    keys.remember(key(200), at(0), 101);
    assertThat(keys.list())
        .hasSize(UnknownKeys.MOST)
        .extracting(UnknownKeys.Seen::key)
        .contains(key(0), key(200))
        .doesNotContain(key(1));
  }

  private static PublicKey key(int number) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) number;
    return PublicKey.of(bytes);
  }

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
