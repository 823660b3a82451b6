package dev.tailbridge.bridge.admin;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether the event loops turn, and takes silence for a no.
 *
 * <p>At most one question is out at a time: while one hangs, later callers wait for that one's
 * answer, so a hanging loop cannot use up threads.
 */
final class Health implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 2_000;

  private final BridgeStatus status;
  private final ExecutorService asker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "admin-health");
            thread.setDaemon(true);
            return thread;
          });
  private @Nullable Future<Boolean> question;

  Health(BridgeStatus status) {
    this.status = status;
  }

  boolean alive() {
    try {
      return ask().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized Future<Boolean> ask() {
    Future<Boolean> pending = question;
    if (pending == null || pending.isDone()) {
      pending = asker.submit(status::alive);
      question = pending;
    }
    return pending;
  }

  @Override
  public void close() {
    asker.shutdownNow();
  }
}
