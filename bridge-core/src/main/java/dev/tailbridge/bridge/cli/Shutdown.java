package dev.tailbridge.bridge.cli;

import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the process up until a signal ends it, and closes the bridge in time. */
final class Shutdown {
  private static final Logger logger = LoggerFactory.getLogger(Shutdown.class);

  /** A service manager kills what does not end by itself; nodes should be closed before that. */
  private static final long DEADLINE_MILLIS = 5_000;

  private Shutdown() {}

  /**
   * Returns when the calling thread is interrupted, with the bridge closed. A signal such as
   * SIGTERM closes the bridge too and then ends the process.
   */
  static void await(AutoCloseable bridge) {
    Thread hook = new Thread(() -> close(bridge), "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Runtime.getRuntime().removeShutdownHook(hook);
      close(bridge);
    }
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
