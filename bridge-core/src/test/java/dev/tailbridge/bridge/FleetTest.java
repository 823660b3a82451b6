package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FleetTest {

  @Test
  void firstCallsAreSpreadOverTwoSecondsOrAsLongAsTwoHundredASecondTake() {
    assertThat(Fleet.firstCallWithin(0)).hasSeconds(2);
    assertThat(Fleet.firstCallWithin(400)).hasSeconds(2);
    assertThat(Fleet.firstCallWithin(401)).hasMillis(2_005);
    assertThat(Fleet.firstCallWithin(10_000)).hasSeconds(50);
  }
}
