package dev.tailbridge.bridge.device;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets few tailnet nodes of a bridge start at once, so that a fleet's start neither floods the
 * control server nor starves those that are up.
 *
 * <p>Invariant: at most {@code atOnce} turns are out. A turn ends when its holder says so, or after
 * {@link #TURN_SECONDS}: a node that waits for a login must not hold the others up. Thread-safe,
 * since the nodes live on several loops: its one lock is held for a few steps and never while a
 * start runs.
 */
public final class StartTurns {

  /**
   * A start waits for the control server most of the time, with Headscale some two seconds: it
   * writes twice a second, at most a hundred changes each time, and after each works out anew who
   * sees whom. Four at once took more than a minute for 200 nodes, 32 take 25 seconds, 64 took 20.
   * But with 64 or more a thousand are online before they have heard of each other: a minute later
   * a core is still full with that, and memory grows.
   */
  private static final int AT_ONCE = 32;

  private static final int TURN_SECONDS = 10;

  // Guarded by this, and so is all that changes in a turn.
  private final Queue<Turn> waiting = new ArrayDeque<>();
  private int out;

  private final int atOnce;

  public StartTurns() {
    this(AT_ONCE);
  }

  /**
   * @param atOnce how many may start at the same time
   */
  StartTurns(int atOnce) {
    this.atOnce = atOnce;
  }

  /** One node's right to start. */
  final class Turn {
    private final EventExecutor home;
    private final Runnable start;
    private @Nullable ScheduledFuture<?> limit;
    private boolean ended;

    private Turn(EventExecutor home, Runnable start) {
      this.home = home;
      this.start = start;
    }

    /**
     * The node runs, failed, waits for a person, or no longer wants to start. Only the first call
     * counts.
     */
    void end() {
      synchronized (StartTurns.this) {
        if (ended) {
          return;
        }
        ended = true;
        if (limit != null) {
          limit.cancel(false);
          out--;
          next();
        }
      }
    }

    private void begin() {
      try {
        limit = home.schedule(this::end, TURN_SECONDS, TimeUnit.SECONDS);
        home.execute(start);
        out++;
      } catch (RejectedExecutionException e) {
        ended = true; // Its loop is shut down, and the device with it.
      }
    }
  }

  /**
   * Runs {@code start} on {@code home} when it is its turn.
   *
   * @param home the executor that this is called on, so that {@code start} never runs before this
   *     returns
   */
  synchronized Turn queue(EventExecutor home, Runnable start) {
    Turn turn = new Turn(home, start);
    waiting.add(turn);
    next();
    return turn;
  }

  /** Whether no node waits for its turn. */
  public synchronized boolean idle() {
    return waiting.isEmpty();
  }

  private void next() {
    while (out < atOnce) {
      Turn turn = waiting.poll();
      if (turn == null) {
        return;
      }
      if (!turn.ended) {
        turn.begin();
      }
    }
  }
}
