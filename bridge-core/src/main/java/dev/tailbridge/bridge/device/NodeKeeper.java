package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.NodeListener;
import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one device's node in the tailnet: starts it when its turn comes, and starts another in its
 * place when it ended by itself or lost its login.
 *
 * <ul>
 *   <li>At most one node at a time, so one directory never has two owners.
 *   <li>The n-th failure in a row waits 5 s · 2ⁿ, at most 5 minutes, give or take a quarter: one
 *       bad node neither disturbs the others nor the control server.
 *   <li>A node that ended together with what it ran in has not failed: it waits until that is back.
 *   <li>Confined to the device's event loop.
 * </ul>
 */
final class NodeKeeper {

  private static final long FIRST_BACK_OFF_MILLIS = 5_000;
  private static final long LONGEST_BACK_OFF_MILLIS = 300_000;

  /** One node, from its start to its end. */
  interface Life {
    /** Ends it; completes when its directory is free. */
    CompletableFuture<Void> stop();
  }

  /** Makes the nodes and hears of them, on the device's loop. */
  interface Owner {
    /**
     * Starts a node.
     *
     * @param listener to be told how it fares
     * @param login whether its stored identity is no longer taken
     */
    Life startNode(NodeListener listener, boolean login);

    void nodeChanged(NodeStatus status);

    /** Completes when the next node can be started; is done while what they run in is there. */
    CompletableFuture<Void> hostReady();

    /** It ended together with what it ran in, and is started again as soon as that is back. */
    void hostEnded(String reason);

    /** It ended by itself, or was stopped because it must log in again. */
    void nodeEnded(String reason, long nextTryMillis);
  }

  private final EventLoop loop;
  private final StartTurns turns;
  private final boolean credentialForLogins;
  private final Owner owner;
  private @Nullable Life life;
  private CompletableFuture<Void> ending = CompletableFuture.completedFuture(null);
  private int failures;
  private @Nullable ScheduledFuture<?> nextTry;
  private boolean stopped;

  /**
   * @param credentialForLogins whether the node is given its credential only when asked to log in:
   *     then one that has an identity which is no longer taken does not help itself
   */
  NodeKeeper(EventLoop loop, StartTurns turns, boolean credentialForLogins, Owner owner) {
    this.loop = loop;
    this.turns = turns;
    this.credentialForLogins = credentialForLogins;
    this.owner = owner;
  }

  void start() {
    new Attempt(false).queue();
  }

  /** Leaves the node alone from now on, before it is logged out. */
  void retire() {
    stopped = true;
    if (nextTry != null) {
      nextTry.cancel(false);
    }
  }

  /** Ends the node for good; its identity stays on disk. */
  CompletableFuture<Void> stop() {
    retire();
    endLife();
    return ending.copy();
  }

  private void endLife() {
    if (life != null) {
      ending = life.stop();
      life = null;
    }
  }

  /** One node's life; what a dead one still says never reaches the next. */
  private final class Attempt implements NodeListener {
    private final boolean login;
    private StartTurns.@Nullable Turn turn;
    private boolean ran;
    private boolean over;

    Attempt(boolean login) {
      this.login = login;
    }

    void queue() {
      turn = turns.queue(loop, this::begin);
    }

    private void begin() {
      if (stopped) {
        endTurn();
        return;
      }
      life = owner.startNode(this, login);
    }

    @Override
    public void statusChanged(NodeStatus status) {
      if (stopped || over) {
        return;
      }
      if (status.state() == NodeState.RUNNING) {
        failures = 0;
        ran = true;
      }
      if (status.state() == NodeState.RUNNING
          || !status.authUrl().isEmpty()
          || !status.error().isEmpty()) {
        endTurn();
      }
      owner.nodeChanged(status);
      if (status.state() == NodeState.NEEDS_LOGIN && isToLogInAgain(status)) {
        logInAgain();
      }
    }

    /**
     * A node whose key ended while it ran asks for nothing by itself; one that starts and has a
     * login URL was refused, and has not used the credential yet.
     */
    private boolean isToLogInAgain(NodeStatus status) {
      return ran || (credentialForLogins && !login && !status.authUrl().isEmpty());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Both outcomes lead to the next attempt.
    private void logInAgain() {
      over = true;
      endLife();
      long wait = backOffMillis(failures++);
      owner.nodeEnded("its login is no longer valid", wait);
      ending.whenComplete((done, failure) -> loop.execute(() -> again(wait, true)));
    }

    @Override
    public void ended(String reason) {
      endTurn();
      if (stopped || over) {
        return;
      }
      over = true;
      life = null;
      CompletableFuture<Void> hostReady = owner.hostReady();
      if (!hostReady.isDone()) {
        owner.hostEnded(reason);
        var unused = hostReady.thenRunAsync(() -> again(login), loop);
        return;
      }
      long wait = backOffMillis(failures++);
      owner.nodeEnded(reason, wait);
      again(wait, login);
    }

    private void again(boolean withLogin) {
      if (!stopped) {
        new Attempt(withLogin).queue();
      }
    }

    private void again(long wait, boolean withLogin) {
      if (!stopped) {
        nextTry = loop.schedule(() -> new Attempt(withLogin).queue(), wait, TimeUnit.MILLISECONDS);
      }
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
