package dev.tailbridge.bridge.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointSearchTest {

  private static final InetAddress A = IpPrefix.parse("192.0.2.1").address();
  private static final InetAddress B = IpPrefix.parse("192.0.2.2").address();
  private static final InetAddress V6 = IpPrefix.parse("2001:db8::1").address();
  private final EndpointSearch search = new EndpointSearch();

  @Test
  void theFirstAddressIsDialedFirst() {
    assertThat(search.choose(List.of(A, V6), null)).isEqualTo(A);
  }

  @Test
  void aNameThatLeadsElsewhereIsFollowedAtOnce() {
    search.unanswered();
    assertThat(search.choose(List.of(B), A)).isEqualTo(B);
  }

  @Test
  void theOnlyAddressIsDialedOnAndOn() {
    for (int i = 0; i < 10; i++) {
      search.unanswered();
      assertThat(search.choose(List.of(A), A)).isNull();
    }
  }

  @Test
  void eachAddressGetsTwoTriesAndThenTheNextItsTurn() {
    List<InetAddress> both = List.of(A, V6);
    search.unanswered();
    assertThat(search.choose(both, A)).isNull();
    search.unanswered();
    assertThat(search.choose(both, A)).isEqualTo(V6);
    search.unanswered();
    assertThat(search.choose(both, V6)).isNull();
    search.unanswered();
    assertThat(search.choose(both, V6)).isEqualTo(A);
  }

  @Test
  void anAnswerMakesOldFailuresForgotten() {
    search.unanswered();
    search.answered();
    search.unanswered();
    assertThat(search.choose(List.of(A, V6), A)).isNull();
  }
}
