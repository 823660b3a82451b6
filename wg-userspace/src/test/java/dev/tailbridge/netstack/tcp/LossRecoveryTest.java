package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossRecoveryTest {

  private static final int MSS = 1000;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLossIsSeenThoughMoreThanHalfOfTheSequenceWentBySinceTheLast(boolean sack) {
    Scoreboard scoreboard = new Scoreboard();
    LossRecovery recovery = new LossRecovery(new NewReno(2), scoreboard);
    recovery.begin(0, MSS, sack);
    int una = 1;
    for (int megabytes = 0; megabytes < 2500; megabytes += 100) {
      una += 100_000_000;
      recovery.advanced(una, una + 10 * MSS, 100_000_000, false, Answer.UNKNOWN, false);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(recovery.active()).isFalse();
      recovery.duplicate(una, una + 10 * MSS, false);
    }
    assertThat(recovery.active()).isTrue();
  }
}
