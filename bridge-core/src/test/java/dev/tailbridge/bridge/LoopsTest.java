package dev.tailbridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class LoopsTest {

  @Test
  void aPowerOfTwoThatTheProcessorsCanDrive() {
    assertThat(IntStream.of(1, 2, 3, 4, 7, 8, 64).map(Loops::count))
        .containsExactly(1, 2, 2, 4, 4, 8, 8);
  }

  @Test
  void eachSubjectIsAskedOnItsOwnLoopAndTheAnswersKeepTheirOrder() {
    try (Loops loops = new Loops(4, Duration.ofSeconds(10))) {
      List<EventLoop> homes = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        homes.add(loops.group().next());
      }
      List<Integer> subjects = IntStream.range(0, 40).boxed().toList();
      List<String> answers =
          loops.askEach(
              subjects, homes::get, subject -> subject + " " + homes.get(subject).inEventLoop());
      assertThat(answers).isEqualTo(subjects.stream().map(subject -> subject + " true").toList());
    }
  }

  @Test
  void oneLoopThatHangsIsEnoughNotToBeAlive() {
    CountDownLatch release = new CountDownLatch(1);
    try (Loops loops = new Loops(2, Duration.ofMillis(200))) {
      // Its bound is short: a thread that the machine lets wait may miss it once.
      Awaitility.await().until(loops::alive);
      EventLoop last = loops.group().next() == loops.first() ? loops.group().next() : null;
      EventLoop hanging = last == null ? loops.first() : last;
      hanging.execute(() -> await(release));
      assertThat(loops.alive()).isFalse();
      assertThatThrownBy(() -> loops.askEach(List.of(1), one -> hanging, one -> one))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("an event loop does not answer");
      release.countDown();
      Awaitility.await().until(loops::alive);
    }
  }

  @Test
  void workThatFailsIsTold() {
    try (Loops loops = new Loops(1, Duration.ofSeconds(10))) {
      assertThatThrownBy(
              () ->
                  loops.askEach(
                      List.of(1),
                      one -> loops.first(),
                      one -> {
                        throw new IllegalArgumentException("provoked by a test");
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("provoked by a test");
    }
  }

  private static void await(CountDownLatch release) {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
