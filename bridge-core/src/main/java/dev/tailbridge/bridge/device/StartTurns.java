package dev.tailbridge.bridge.device;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets few tailnet nodes start at once, so that a fleet's start neither floods the control server
 * nor starves those that are up.
 *
 * <p>Invariant: at most {@link #AT_ONCE} turns are out. A turn ends when its holder says so, or
 * after {@link #TURN_SECONDS}: a node that waits for a login must not hold the others up. Confined
 * to one executor.
 */
public final class StartTurns {

  private static final int AT_ONCE = 4;
  private static final int TURN_SECONDS = 10;

  private final EventExecutor executor;
  private final Queue<Turn> waiting = new ArrayDeque<>();
  private int out;

  public StartTurns(EventExecutor executor) {
    this.executor = executor;
  }

  /** One node's right to start. */
  final class Turn {
    private final Runnable start;
    private @Nullable ScheduledFuture<?> limit;
    private boolean ended;

    private Turn(Runnable start) {
      this.start = start;
    }

    /**
     * The node runs, failed, waits for a person, or no longer wants to start. Only the first call
     * counts.
     */
    void end() {
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

    private void begin() {
      out++;
      limit = executor.schedule(this::end, TURN_SECONDS, TimeUnit.SECONDS);
      start.run();
    }
  }

  /** Runs {@code start} when it is its turn, never before this returns. */
  Turn queue(Runnable start) {
    Turn turn = new Turn(start);
    waiting.add(turn);
    executor.execute(this::next);
    return turn;
  }

  /** Whether no node waits for its turn. */
  public boolean idle() {
    return waiting.isEmpty();
  }

  private void next() {
    while (out < AT_ONCE) {
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
