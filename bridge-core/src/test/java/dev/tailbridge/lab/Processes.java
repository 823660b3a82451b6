package dev.tailbridge.lab;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Starts processes that outlive no test, and ends those, and no others. */
final class Processes {

  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroy), "lab-end"));
  }

  private Processes() {}

  /** Starts one that ends with this process at the latest, should a test be cut off. */
  static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    RUNNING.add(process);
    var unused = process.onExit().thenRun(() -> RUNNING.remove(process));
    return process;
  }

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
