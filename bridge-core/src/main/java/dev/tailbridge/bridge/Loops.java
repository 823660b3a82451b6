package dev.tailbridge.bridge;

import io.netty.channel.EventLoop;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks an event loop from another thread, with a bound. */
final class Loops {

  private static final long BOUND_SECONDS = 2;

  private Loops() {}

  /**
   * Runs {@code work} on the loop and waits for what it gives.
   *
   * @throws IllegalStateException when the loop hangs, has ended, or the work failed
   */
  static <T extends @Nullable Object> T ask(EventLoop loop, Callable<T> work) {
    try {
      return loop.submit(work).get(BOUND_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking the event loop", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("failed on the event loop: " + e.getCause(), e);
    } catch (TimeoutException | RuntimeException e) {
      throw new IllegalStateException("the event loop does not answer", e);
    }
  }
}
