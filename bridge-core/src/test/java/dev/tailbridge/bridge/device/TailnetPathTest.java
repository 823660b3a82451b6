package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.device.TailnetPath.Way;
import dev.tailbridge.tailnet.LinkCounters;
import dev.tailbridge.tailnet.TailnetPeer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When a node is asked by which way it reaches others, and what is made of it. */
class TailnetPathTest {

  private static final long PAUSE = TailnetPath.PAUSE.toNanos();

  private final TailnetPath path = new TailnetPath(Runnable::run, 0);
  private CompletableFuture<List<TailnetPeer>> answer = new CompletableFuture<>();
  private long now;
  private int asked;

  private void look(long carried) {
    path.look(
        () -> new LinkCounters(carried, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        () -> {
          asked++;
          return answer;
        },
        now);
  }

  private static TailnetPeer peer(String name, String direct, long bytes) {
    return new TailnetPeer(name, List.of(), true, direct, "1", bytes / 2, bytes - bytes / 2);
  }

  private Way after(long carried, TailnetPeer... peers) {
    answer = CompletableFuture.completedFuture(List.of(peers));
    now += PAUSE;
    look(carried);
    return path.way();
  }

  @Test
  void onlyMachinesThatItTalkedWithCount() {
    assertThat(after(1, peer("a", "192.0.2.1:1", 10), peer("b", "", 0))).isEqualTo(Way.DIRECT);
    assertThat(after(2, peer("a", "192.0.2.1:1", 11), peer("b", "", 5))).isEqualTo(Way.DERP);
    assertThat(after(3, peer("a", "192.0.2.1:1", 12), peer("b", "", 5))).isEqualTo(Way.DIRECT);
    assertThat(after(4, peer("a", "", 12), peer("b", "", 5))).isEqualTo(Way.NONE);
    path.reset();
    assertThat(after(5, peer("b", "", 5))).as("a new node's first").isEqualTo(Way.DERP);
  }

  @Test
  void aNodeThatCarriesNothingIsNotAsked() {
    after(7, peer("a", "", 10));
    assertThat(asked).isEqualTo(1);
    assertThat(path.way()).isEqualTo(Way.DERP);
    assertThat(after(7, peer("a", "", 10))).isEqualTo(Way.NONE);
    now += Duration.ofDays(1).toNanos();
    look(7);
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void nobodyAsksTwiceAtATimeOrMoreOftenThanThePauseSays() {
    now = PAUSE;
    look(1);
    now += PAUSE;
    look(2);
    assertThat(asked).as("there is no answer yet").isEqualTo(1);
    answer.completeExceptionally(new IllegalStateException("the node is starting"));
    answer = CompletableFuture.completedFuture(List.of(peer("a", "192.0.2.1:1", 1)));
    look(2);
    assertThat(asked).isEqualTo(2);
    assertThat(path.way()).isEqualTo(Way.DIRECT);
    now += PAUSE - 1;
    look(3);
    assertThat(asked).isEqualTo(2);
    now++;
    look(3);
    assertThat(asked).isEqualTo(3);
  }
}
