package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StartTurnsTest {

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final StartTurns turns = new StartTurns(4);
  private final List<Integer> started = new ArrayList<>();

  @BeforeEach
  void freeze() {
    channel.freezeTime();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void fourStartAtOnceAndTheNextWhenOneEnds() {
    List<StartTurns.Turn> all = queue(6);
    assertThat(started).containsExactly(0, 1, 2, 3);
    assertThat(turns.idle()).isFalse();
    end(all.get(2));
    assertThat(started).containsExactly(0, 1, 2, 3, 4);
    end(all.get(2));
    assertThat(started).as("the second end of a turn counts for nothing").hasSize(5);
    end(all.get(0));
    assertThat(started).hasSize(6);
    assertThat(turns.idle()).isTrue();
  }

  @Test
  void aTurnThatNobodyEndsHoldsTheOthersUpForTenSeconds() {
    queue(5);
    advance(9);
    assertThat(started).hasSize(4);
    advance(2);
    assertThat(started).hasSize(5);
  }

  @Test
  void aTurnThatEndedWhileItWaitedNeverStarts() {
    List<StartTurns.Turn> all = queue(6);
    end(all.get(4));
    end(all.get(0));
    assertThat(started).containsExactly(0, 1, 2, 3, 5);
  }

  @Test
  void eachStartsOnItsOwnLoop() {
    EmbeddedChannel other = new EmbeddedChannel();
    turns.queue(channel.eventLoop(), () -> started.add(0));
    turns.queue(other.eventLoop(), () -> started.add(1));
    other.runPendingTasks();
    assertThat(started).containsExactly(1);
    channel.runPendingTasks();
    assertThat(started).containsExactly(1, 0);
    other.finishAndReleaseAll();
  }

  @Test
  void aLoopThatIsShutDownTakesNoTurn() throws Exception {
    EventLoopGroup ended = new DefaultEventLoopGroup(1);
    ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    for (int i = 0; i < 5; i++) {
      turns.queue(ended.next(), () -> started.add(-1));
    }
    queue(4);
    assertThat(started).containsExactly(0, 1, 2, 3);
    assertThat(turns.idle()).isTrue();
  }

  private List<StartTurns.Turn> queue(int count) {
    List<StartTurns.Turn> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      all.add(turns.queue(channel.eventLoop(), () -> started.add(number)));
    }
    channel.runPendingTasks();
    return all;
  }

  private void end(StartTurns.Turn turn) {
    turn.end();
    channel.runPendingTasks();
  }

  private void advance(int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }
}
