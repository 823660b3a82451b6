package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoMemoryTest {

  private static final long MIB = 1 << 20;

  @Test
  void goHasWhatTheJvmLeaves() {
    assertThat(GoMemory.limitBytes(512 * MIB, 128 * MIB)).isEqualTo(256 * MIB);
  }

  @Test
  void itNeverHasToDoWithNothing() {
    assertThat(GoMemory.limitBytes(128 * MIB, 128 * MIB)).isEqualTo(64 * MIB);
  }

  @Test
  void ofThisMachineThereIsSomething() {
    assertThat(GoMemory.limitBytes()).isBetween(64 * MIB, 1L << 50);
  }
}
