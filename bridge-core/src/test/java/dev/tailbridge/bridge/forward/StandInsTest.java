package dev.tailbridge.bridge.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.Ipv6Address;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class StandInsTest {

  private final StandIns callers = new StandIns(3, 8);

  private static Ipv6Address address(int low) {
    return new Ipv6Address(0xfd7a_115c_a1e0_0000L, low);
  }

  @Test
  void aCallerKeepsItsStandInWhilePacketsPassEitherWay() {
    int first = callers.of(address(1), 0);
    int second = callers.of(address(2), 0);

    assertThat(first).isNotEqualTo(second).isNotZero();
    assertThat(StandIns.isStandIn(first)).isTrue();
    callers.expire(StandIns.TIMEOUT - 1);
    assertThat(callers.callerOf(first, StandIns.TIMEOUT - 1)).isEqualTo(address(1));
    callers.expire(StandIns.TIMEOUT);
    assertThat(callers.existing(address(2), StandIns.TIMEOUT)).isZero();
    assertThat(callers.of(address(1), StandIns.TIMEOUT)).isEqualTo(first);
  }

  @Test
  void theCallerSilentForLongestGivesWay() {
    int first = callers.of(address(1), 0);
    int second = callers.of(address(2), 1);
    callers.of(address(3), 2);
    callers.callerOf(first, 3);

    int fourth = callers.of(address(4), 4);

    assertThat(callers.size()).isEqualTo(3);
    assertThat(callers.callerOf(second, 4)).isNull();
    assertThat(callers.callerOf(first, 4)).isEqualTo(address(1));
    assertThat(callers.callerOf(fourth, 4)).isEqualTo(address(4));
  }

  @Test
  void whenAllWereGivenOutNobodyGetsOneWhoseFlowsMayStillLive() {
    for (int i = 1; i <= 8; i++) {
      assertThat(callers.of(address(i), i)).isEqualTo(i);
    }
    assertThat(callers.of(address(9), 9)).isZero();
    assertThat(callers.of(address(8), 9)).as("has one already").isEqualTo(8);

    assertThat(callers.of(address(9), 8 + StandIns.TIMEOUT)).isEqualTo(1);
    assertThat(callers.of(address(10), 9 + StandIns.TIMEOUT)).isZero();
  }

  /** The promise that the flow table relies on: nobody gets what another had within the timeout. */
  @Property(tries = 300)
  void noStandInChangesHandsWithinTheTimeout(@ForAll long seed) {
    Random random = new Random(seed);
    StandIns standIns = new StandIns(4, 12);
    Map<Integer, Ipv6Address> owners = new HashMap<>();
    Map<Integer, Long> used = new HashMap<>();
    long now = Long.MAX_VALUE - 5 * StandIns.TIMEOUT;
    for (int i = 0; i < 400; i++) {
      now += random.nextInt(20) == 0 ? StandIns.TIMEOUT / 2 : random.nextInt(1_000_000_000);
      if (random.nextInt(4) == 0) {
        standIns.expire(now);
      }
      Ipv6Address address = address(random.nextInt(10));
      int standIn = standIns.of(address, now);
      if (standIn == 0) {
        continue;
      }
      Ipv6Address before = owners.put(standIn, address);
      Long last = used.put(standIn, now);
      if (before != null && last != null && !before.equals(address)) {
        assertThat(now - last).as("seed %d", seed).isGreaterThanOrEqualTo(StandIns.TIMEOUT);
      }
      assertThat(standIns.callerOf(standIn, now)).isEqualTo(address);
      assertThat(standIns.size()).isLessThanOrEqualTo(4);
    }
  }
}
