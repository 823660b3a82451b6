package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.tailnet.NodeListener;
import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import dev.tailbridge.tailnet.Tailnet;
import dev.tailbridge.tailnet.TailnetNode;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one device's node in the tailnet: starts it when its turn comes, and starts another in its
 * place when it ended by itself.
 *
 * <ul>
 *   <li>At most one node at a time, so one directory never has two owners.
 *   <li>The n-th failure in a row waits 5 s · 2ⁿ, at most 5 minutes, give or take a quarter: one
 *       bad node neither disturbs the others nor the control server.
 *   <li>Confined to the device's event loop.
 * </ul>
 */
final class NodeKeeper {

  private static final long FIRST_BACK_OFF_MILLIS = 5_000;
  private static final long LONGEST_BACK_OFF_MILLIS = 300_000;

  /** Hears of the node, on the device's loop. */
  interface Owner {
    /** A node was started; its packets are to be received. */
    void nodeStarted(TailnetNode node);

    void nodeChanged(NodeStatus status);

    /** It ended by itself. */
    void nodeEnded(String reason, long nextTryMillis);
  }

  private final Tailnet tailnet;
  private final NodeConfig config;
  private final EventLoop loop;
  private final StartTurns turns;
  private final Owner owner;
  private @Nullable TailnetNode node;
  private int failures;
  private @Nullable ScheduledFuture<?> nextTry;
  private boolean stopped;

  NodeKeeper(Tailnet tailnet, NodeConfig config, EventLoop loop, StartTurns turns, Owner owner) {
    this.tailnet = tailnet;
    this.config = config;
    this.loop = loop;
    this.turns = turns;
    this.owner = owner;
  }

  @Nullable TailnetNode node() {
    return node;
  }

  void start() {
    new Attempt().queue();
  }

  /** Ends the node for good; its identity stays on disk. */
  CompletableFuture<Void> stop() {
    stopped = true;
    if (nextTry != null) {
      nextTry.cancel(false);
    }
    TailnetNode current = node;
    node = null;
    return current == null ? CompletableFuture.completedFuture(null) : current.stop();
  }

  /** One node's life; what a dead one still says never reaches the next. */
  private final class Attempt implements NodeListener {
    private StartTurns.@Nullable Turn turn;

    void queue() {
      turn = turns.queue(loop, this::begin);
    }

    private void begin() {
      if (stopped) {
        endTurn();
        return;
      }
      TailnetNode started = tailnet.start(config, loop, this);
      node = started;
      owner.nodeStarted(started);
    }

    @Override
    public void statusChanged(NodeStatus status) {
      if (stopped) {
        return;
      }
      if (status.state() == NodeState.RUNNING) {
        failures = 0;
      }
      if (status.state() == NodeState.RUNNING
          || !status.authUrl().isEmpty()
          || !status.error().isEmpty()) {
        endTurn();
      }
      owner.nodeChanged(status);
    }

    @Override
    public void ended(String reason) {
      endTurn();
      node = null;
      if (stopped) {
        return;
      }
      long wait = backOffMillis(failures++);
      owner.nodeEnded(reason, wait);
      nextTry = loop.schedule(() -> new Attempt().queue(), wait, TimeUnit.MILLISECONDS);
    }

    private void endTurn() {
      if (turn != null) {
        turn.end();
      }
    }
  }

  private static long backOffMillis(int failuresBefore) {
    long wait =
        Math.min(LONGEST_BACK_OFF_MILLIS, FIRST_BACK_OFF_MILLIS << Math.min(failuresBefore, 10));
    return wait - wait / 4 + ThreadLocalRandom.current().nextLong(wait / 2);
  }
}
