package dev.tailbridge.bridge.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.tailnet.NodeListener;
import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In virtual time; the nodes are doubles. */
class NodeKeeperTest {

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final StartTurns turns = new StartTurns(4);

  @BeforeEach
  void freeze() {
    channel.freezeTime();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void aNodeThatEndsIsStartedAgainLaterAndLater() {
    Bench bench = new Bench(false);
    long[] shortest = {3_750, 7_500, 15_000, 30_000, 60_000, 120_000, 225_000, 225_000};
    for (int i = 0; i < shortest.length; i++) {
      bench.newest().end("no state");
      assertThat(bench.waits.get(i)).isBetween(shortest[i], shortest[i] * 5 / 3);
      advance(bench.waits.get(i) - 1);
      assertThat(bench.nodes).hasSize(i + 1);
      advance(1);
      assertThat(bench.nodes).hasSize(i + 2);
    }
  }

  @Test
  void aNodeThatRanStartsTheCountAnew() {
    Bench bench = new Bench(false);
    for (int i = 0; i < 6; i++) {
      bench.newest().end("no state");
      advance(bench.waits.get(i));
    }
    bench.newest().say(NodeStatuses.of(NodeState.RUNNING));
    bench.newest().end("lost");
    assertThat(bench.waits.get(6)).isLessThan(6_250);
  }

  @Test
  void aNodeWhoseKeyEndedIsReplacedByOneThatLogsInWhenItIsGone() {
    Bench bench = new Bench(false);
    Node first = bench.newest();
    first.say(NodeStatuses.needsLogin("", ""));
    first.say(NodeStatuses.of(NodeState.RUNNING));
    assertThat(first.stops).as("on its way in it needs a login too").isZero();
    first.say(NodeStatuses.needsLogin("", ""));
    assertThat(first.stops).isEqualTo(1);
    assertThat(bench.reasons).containsExactly("its login is no longer valid");
    advance(60_000);
    assertThat(bench.nodes).as("its directory is still in use").hasSize(1);
    first.say(NodeStatuses.of(NodeState.RUNNING));
    first.stopped.complete(null);
    channel.runPendingTasks();
    advance(6_250);
    assertThat(bench.nodes).hasSize(2);
    assertThat(bench.newest().login).isTrue();
    assertThat(bench.heard).as("the dead one's words count for nothing").hasSize(3);
  }

  @Test
  void aCredentialIsUsedByANodeThatIsRefusedWithItsIdentity() {
    Bench bench = new Bench(true);
    assertThat(bench.newest().login).isFalse();
    bench.newest().say(NodeStatuses.needsLogin("", ""));
    bench.newest().say(NodeStatuses.needsLogin("", "the control server asks to slow down"));
    assertThat(bench.newest().stops).as("not refused yet").isZero();
    bench.newest().say(NodeStatuses.needsLogin("https://login.test/a", ""));
    bench.newest().stopped.complete(null);
    channel.runPendingTasks();
    advance(6_250);
    assertThat(bench.nodes).hasSize(2);
    assertThat(bench.newest().login).isTrue();
    bench.newest().say(NodeStatuses.needsLogin("https://login.test/b", ""));
    advance(3_600_000);
    assertThat(bench.nodes).as("now it is a person's turn").hasSize(2);
  }

  @Test
  void aNodeWithoutACredentialWaitsForAPerson() {
    Bench bench = new Bench(false);
    bench.newest().say(NodeStatuses.needsLogin("https://login.test/a", ""));
    advance(3_600_000);
    assertThat(bench.newest().stops).isZero();
    assertThat(bench.nodes).hasSize(1);
  }

  @Test
  void aStopEndsWhatRunsWhatWaitsAndWhatIsEnding() {
    Bench running = new Bench(false);
    CompletableFuture<Void> stop = running.keeper.stop();
    assertThat(running.newest().stops).isEqualTo(1);
    assertThat(stop).isNotDone();
    running.newest().stopped.complete(null);
    assertThat(stop).isDone();

    Bench waiting = new Bench(false);
    waiting.newest().end("no state");
    assertThat(waiting.keeper.stop()).isDone();

    Bench ending = new Bench(false);
    ending.newest().say(NodeStatuses.of(NodeState.RUNNING));
    ending.newest().say(NodeStatuses.needsLogin("", ""));
    CompletableFuture<Void> second = ending.keeper.stop();
    assertThat(second).isNotDone();
    ending.newest().stopped.complete(null);
    assertThat(second).isDone();

    advance(3_600_000);
    assertThat(running.nodes).hasSize(1);
    assertThat(waiting.nodes).hasSize(1);
    assertThat(ending.nodes).hasSize(1);
  }

  @Test
  void aNodeThatStopsWhileItWaitsForItsTurnNeverStarts() {
    List<Bench> five = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      five.add(new Bench(false));
    }
    assertThat(five.get(4).nodes).isEmpty();
    assertThat(five.get(4).keeper.stop()).isDone();
    five.get(0).newest().say(NodeStatuses.of(NodeState.RUNNING));
    advance(1);
    assertThat(five.get(4).nodes).isEmpty();
    assertThat(turns.idle()).isTrue();
  }

  /** Fifty nodes with a bad key, over and over, and one that is good. */
  @Test
  void badNodesHoldAGoodOneUpForTheirRefusalAtMost() {
    List<Bench> bad = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      bad.add(new Bench(false));
    }
    Bench good = new Bench(false);
    for (int i = 0; i < 50; i++) {
      assertThat(good.nodes).as("after %d refusals", i).hasSize(i <= 46 ? 0 : 1);
      bad.get(i).newest().say(NodeStatuses.needsLogin("", "key is bad"));
      advance(1);
    }
    assertThat(good.nodes).hasSize(1);
    good.newest().say(NodeStatuses.of(NodeState.RUNNING));
    bad.forEach(one -> one.newest().end("key is bad"));
    advance(10_000);
    assertThat(good.newest().stops).isZero();
  }

  @Test
  void oneThatEndedWithWhatItRanInStartsWhenThatIsBackAndHasNotFailed() {
    Bench bench = new Bench(false);
    bench.newest().say(NodeStatuses.of(NodeState.RUNNING));
    for (int end = 1; end <= 12; end++) {
      bench.hostReady = new CompletableFuture<>();
      bench.newest().end("the sidecar was killed");
      advance(400_000);
      assertThat(bench.nodes).hasSize(end);
      bench.hostReady.complete(null);
      advance(0);
      assertThat(bench.nodes).hasSize(end + 1);
    }
    assertThat(bench.hostEnds).hasSize(12).containsOnly("the sidecar was killed");
    assertThat(bench.reasons).isEmpty();
    bench.newest().end("no state");
    assertThat(bench.waits.get(0)).as("its own first failure").isBetween(3_750L, 6_250L);
  }

  @Test
  void oneThatWasStoppedMeanwhileStaysSo() {
    Bench bench = new Bench(false);
    bench.hostReady = new CompletableFuture<>();
    bench.newest().end("the sidecar was killed");
    assertThat(bench.keeper.stop()).isDone();
    bench.hostReady.complete(null);
    advance(400_000);
    assertThat(bench.nodes).hasSize(1);
  }

  private void advance(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  /** A node that does what the test says. */
  private static final class Node implements NodeKeeper.Life {
    private final NodeListener listener;
    private final boolean login;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private int stops;

    Node(NodeListener listener, boolean login) {
      this.listener = listener;
      this.login = login;
    }

    @Override
    public CompletableFuture<Void> stop() {
      stops++;
      return stopped;
    }

    void say(NodeStatus status) {
      listener.statusChanged(status);
    }

    void end(String reason) {
      listener.ended(reason);
    }
  }

  /** One keeper with what it started and told. */
  private final class Bench implements NodeKeeper.Owner {
    private final List<Node> nodes = new ArrayList<>();
    private final List<NodeStatus> heard = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final List<Long> waits = new ArrayList<>();
    private final List<String> hostEnds = new ArrayList<>();
    private CompletableFuture<Void> hostReady = CompletableFuture.completedFuture(null);
    private final NodeKeeper keeper;

    Bench(boolean credentialForLogins) {
      keeper = new NodeKeeper(channel.eventLoop(), turns, credentialForLogins, this);
      keeper.start();
      channel.runPendingTasks();
    }

    Node newest() {
      return nodes.get(nodes.size() - 1);
    }

    @Override
    public NodeKeeper.Life startNode(NodeListener listener, boolean login) {
      Node node = new Node(listener, login);
      nodes.add(node);
      return node;
    }

    @Override
    public void nodeChanged(NodeStatus status) {
      heard.add(status);
    }

    @Override
    public CompletableFuture<Void> hostReady() {
      return hostReady;
    }

    @Override
    public void hostEnded(String reason) {
      hostEnds.add(reason);
    }

    @Override
    public void nodeEnded(String reason, long nextTryMillis) {
      reasons.add(reason);
      waits.add(nextTryMillis);
    }
  }
}
