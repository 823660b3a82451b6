package dev.tailbridge.bridge.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class HostClockTest {

  private static final Instant BUILT = Instant.parse("2026-11-24T00:00:00Z");
  private static final Instant SEEN = Instant.parse("2027-01-02T03:04:05.678Z");

  private static HostClock at(String now) {
    Instant time = Instant.parse(now);
    return new HostClock(() -> time, BUILT, () -> SEEN);
  }

  @Test
  void saysWhyItCannotBeRight() {
    assertThat(at("1970-01-01T00:00:03Z").problem())
        .isEqualTo(
            "it shows 1970-01-01T00:00:03Z, before this bridge was built (2026-11-24T00:00:00Z):"
                + " let the host set it by NTP, else devices are told no time");
    assertThat(at("2027-01-02T03:04:05.677Z").problem())
        .isEqualTo(
            "it shows 2027-01-02T03:04:05Z, and was at 2027-01-02T03:04:05Z before: let the host"
                + " set it by NTP; devices are told no time until then");
    assertThat(at("2027-01-02T03:04:05.678Z").problem()).isNull();
    assertThat(at("2027-01-02T03:04:05.678Z").isPlausible()).isTrue();
  }
}
