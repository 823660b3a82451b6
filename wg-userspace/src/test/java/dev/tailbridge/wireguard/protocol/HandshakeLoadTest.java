package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.MILLISECOND;
import static dev.tailbridge.wireguard.protocol.Constants.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.protocol.HandshakeLoad.Change;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When too many handshakes wait. */
class HandshakeLoadTest {

  private int peers = 10;
  private final HandshakeLoad load = new HandshakeLoad(() -> peers);

  private void admit(int count, long now) {
    for (int i = 0; i < count; i++) {
      assertThat(load.admit(now)).isTrue();
    }
  }

  private void start(int count, long admitted, long now) {
    for (int i = 0; i < count; i++) {
      load.started(admitted, now);
    }
  }

  @Test
  void beginsWhen512WaitAndLastsASecondAfter() {
    admit(511, 0);
    assertThat(load.isUnderLoad(0)).isFalse();
    admit(1, 10);
    assertThat(load.isUnderLoad(10)).isTrue();
    // As long as so many wait, and then a second.
    long drained = 3 * SECOND;
    assertThat(load.isUnderLoad(drained)).isTrue();
    start(512, drained, drained);
    assertThat(load.queued()).isZero();
    assertThat(load.isUnderLoad(drained + SECOND - 1)).isTrue();
    assertThat(load.isUnderLoad(drained + SECOND)).isFalse();
  }

  @Test
  void beginsWhenOneWaited250MillisecondsAmongMoreThanThePeers() {
    admit(12, 0);
    load.started(0, 250 * MILLISECOND - 1);
    assertThat(load.isUnderLoad(250 * MILLISECOND - 1)).isFalse();
    load.started(0, 250 * MILLISECOND);
    assertThat(load.isUnderLoad(250 * MILLISECOND)).isTrue();
    assertThat(load.isUnderLoad(1250 * MILLISECOND - 1)).isTrue();
    assertThat(load.isUnderLoad(1250 * MILLISECOND)).isFalse();
  }

  @Test
  void aFleetThatComesBackIsNoAttack() {
    peers = 1000;
    admit(1999, 0);
    start(1999, 0, 200 * MILLISECOND);
    assertThat(load.isUnderLoad(200 * MILLISECOND)).isFalse();
    admit(2000, SECOND);
    assertThat(load.isUnderLoad(SECOND)).isTrue();
  }

  @Test
  void aFleetMayWaitLongForAProcessThatIsColdOrStarved() {
    peers = 50;
    admit(50, 0);
    start(50, 0, SECOND);
    assertThat(load.isUnderLoad(SECOND)).isFalse();
    admit(51, SECOND);
    start(1, SECOND, 2 * SECOND);
    assertThat(load.isUnderLoad(2 * SECOND)).isTrue();
  }

  @Test
  void noMoreThan1024WaitOrFourTimesThePeers() {
    admit(1024, 0);
    assertThat(load.admit(0)).isFalse();
    assertThat(load.queued()).isEqualTo(1024);
    load.started(0, 0);
    admit(1, 0);
    assertThat(load.admit(0)).isFalse();
    peers = 300;
    admit(176, 0);
    assertThat(load.admit(0)).isFalse();
    assertThat(load.queued()).isEqualTo(1200);
  }

  @Test
  void aRefusedMessageProlongsTheMode() {
    admit(1024, 0);
    start(513, 0, 0);
    assertThat(load.isUnderLoad(SECOND)).isFalse();
    peers = 100_000;
    admit(600, SECOND);
    assertThat(load.isUnderLoad(SECOND)).isFalse();
    peers = 10;
    assertThat(load.admit(SECOND)).isFalse();
    start(1111, SECOND, SECOND);
    assertThat(load.isUnderLoad(2 * SECOND - 1)).isTrue();
    assertThat(load.isUnderLoad(2 * SECOND)).isFalse();
  }

  @Test
  void aStragglersEarlierTimeDoesNotShortenTheMode() {
    admit(512, 5 * SECOND);
    start(1, 5 * SECOND, 5 * SECOND);
    start(1, 3 * SECOND, 4 * SECOND);
    assertThat(load.isUnderLoad(6 * SECOND - 1)).isTrue();
    assertThat(load.isUnderLoad(6 * SECOND)).isFalse();
  }

  @Test
  void eachChangeIsToldOnce() {
    assertThat(load.change(0)).isEqualTo(Change.NONE);
    admit(512, 0);
    assertThat(load.change(0)).isEqualTo(Change.BEGAN);
    assertThat(load.change(0)).isEqualTo(Change.NONE);
    start(512, 0, 0);
    assertThat(load.change(SECOND - 1)).isEqualTo(Change.NONE);
    assertThat(load.change(SECOND)).isEqualTo(Change.ENDED);
    assertThat(load.change(SECOND)).isEqualTo(Change.NONE);
    admit(512, 2 * SECOND);
    assertThat(load.change(2 * SECOND)).isEqualTo(Change.BEGAN);
  }

  @Test
  void countsRightUnderAllThreads() throws InterruptedException {
    AtomicInteger admitted = new AtomicInteger();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          new Thread(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  admitted.addAndGet(load.admit(0) ? 1 : 0);
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join(10_000);
    }
    assertThat(admitted).hasValue(1024);
    assertThat(load.queued()).isEqualTo(1024);
  }
}
