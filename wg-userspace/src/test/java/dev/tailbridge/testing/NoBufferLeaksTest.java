package dev.tailbridge.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class NoBufferLeaksTest {

  @Test
  void findsALostBuffer() {
    NoBufferLeaks check = new NoBufferLeaks();
    check.beforeAll(null);
    lose();
    assertThatThrownBy(() -> check.afterAll(null))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("LEAK");
  }

  private static void lose() {
    PooledByteBufAllocator.DEFAULT.directBuffer(100).writeByte(1);
  }

  @Test
  void isContentWithReleasedOnes() {
    NoBufferLeaks check = new NoBufferLeaks();
    check.beforeAll(null);
    PooledByteBufAllocator.DEFAULT.directBuffer(100).writeByte(1).release();
    assertThatCode(() -> check.afterAll(null)).doesNotThrowAnyException();
  }
}
