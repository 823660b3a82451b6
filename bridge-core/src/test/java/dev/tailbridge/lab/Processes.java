package dev.tailbridge.lab;

import java.util.concurrent.TimeUnit;

/** Ends processes that the lab started, and no others. */
final class Processes {

  private Processes() {}

  /** Waits a moment for it to end by itself, then asks, then forces. */
  static void end(Process process) {
    try {
      if (process.waitFor(3, TimeUnit.SECONDS)) {
        return;
      }
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
