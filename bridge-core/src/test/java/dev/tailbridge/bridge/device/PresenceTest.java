package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In virtual time, one look a second, as the device does it. */
class PresenceTest {

  /** Nanosecond times may begin anywhere, and wrap. */
  private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(100);

  private final Presence presence = new Presence(now);
  private final List<String> orders = new ArrayList<>();
  private long seconds;

  @Test
  void aDeviceThatWasNotHeardForFourMinutesIsAway() {
    pass(239);
    assertThat(orders).isEmpty();
    pass(1_000);
    assertThat(orders).as("once").containsExactly("240 offline");
  }

  @Test
  void keepalivesKeepItOnline() {
    for (int i = 0; i < 200; i++) {
      pass(25);
      presence.heard(now);
    }
    assertThat(orders).isEmpty();
  }

  /** Its session ends after 180 s, and the next keepalive of ours begins another. */
  @Test
  void aDeviceThatAnswersHandshakesOnlyIsNotAway() {
    for (int i = 0; i < 50; i++) {
      pass(180 + 25 + 5);
      presence.heard(now);
    }
    assertThat(orders).isEmpty();
  }

  @Test
  void aDeviceThatComesBackIsOnlineAtOnce() {
    pass(400);
    presence.heard(now);
    look();
    assertThat(orders).containsExactly("240 offline", "400 online");
  }

  @Test
  void twoOrdersAreThirtySecondsApart() {
    pass(240);
    presence.heard(now);
    pass(29);
    assertThat(orders).containsExactly("240 offline");
    pass(1);
    assertThat(orders).containsExactly("240 offline", "270 online");
  }

  @Test
  void aNodeThatStartedAnewIsOnlineAndGivenTime() {
    pass(250);
    presence.nodeStarted(now);
    pass(29);
    assertThat(orders).containsExactly("240 offline");
    pass(1);
    assertThat(orders).as("the device is still away").containsExactly("240 offline", "280 offline");
  }

  @Test
  void anOrderThatWasNotCarriedOutIsGivenAgain() {
    pass(240);
    presence.notDone();
    pass(29);
    assertThat(orders).containsExactly("240 offline");
    pass(1);
    assertThat(orders).containsExactly("240 offline", "270 offline");
  }

  /** However a device comes and goes, each order is another than the last, and in time. */
  @Test
  void noDeviceMakesTheNodeFlap() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      pass(random.nextInt(300));
      presence.heard(now);
      look();
    }
    assertThat(orders).hasSizeGreaterThan(500);
    for (int i = 1; i < orders.size(); i++) {
      String[] before = orders.get(i - 1).split(" ");
      String[] after = orders.get(i).split(" ");
      assertThat(after[1]).isNotEqualTo(before[1]);
      assertThat(Long.parseLong(after[0]) - Long.parseLong(before[0])).isGreaterThanOrEqualTo(30);
    }
  }

  private void pass(int count) {
    for (int i = 0; i < count; i++) {
      seconds++;
      now += TimeUnit.SECONDS.toNanos(1);
      look();
    }
  }

  private void look() {
    Boolean order = presence.order(now);
    if (order != null) {
      orders.add(seconds + (order ? " online" : " offline"));
    }
  }
}
