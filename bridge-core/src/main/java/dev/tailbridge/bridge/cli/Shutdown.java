package dev.tailbridge.bridge.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the process up until a signal or a failure ends it, and closes the bridge in time. */
final class Shutdown {
  private static final Logger logger = LoggerFactory.getLogger(Shutdown.class);

  /** A service manager kills what does not end by itself; nodes should be closed before that. */
  private static final long DEADLINE_MILLIS = 5_000;

  private Shutdown() {}

  /**
   * Returns when the calling thread is interrupted or the bridge has failed, with the bridge
   * closed. A signal such as SIGTERM closes the bridge too and then ends the process.
   *
   * @param failure completes with the reason when only another process can go on
   * @return whether it has failed
   */
  static boolean await(CompletableFuture<String> failure, AutoCloseable bridge) {
    Thread hook = new Thread(() -> close(bridge), "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    boolean failed = false;
    try {
      logger.error(
          "the embedded Tailscale is lost ({}), and a process can load it once: this one ends, so"
              + " that its supervisor starts another",
          failure.get());
      failed = true;
    } catch (InterruptedException e) {
      // Somebody wants it to end.
    } catch (ExecutionException e) {
      throw new IllegalStateException("a failure is a reason", e);
    }
    Runtime.getRuntime().removeShutdownHook(hook);
    close(bridge);
    return failed;
  }

  private static void close(AutoCloseable bridge) {
    Thread closing =
        new Thread(
            () -> {
              try {
                bridge.close();
              } catch (Exception e) {
                logger.error("closing failed", e);
              }
            },
            "close");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(DEADLINE_MILLIS);
      if (closing.isAlive()) {
        logger.warn("not closed after {} s; ending anyway", DEADLINE_MILLIS / 1_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
