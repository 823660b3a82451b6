package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.ProcessView;
import dev.tailbridge.bridge.admin.SidecarView;
import dev.tailbridge.tailnet.RuntimeStats;
import dev.tailbridge.tailnet.Tailnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what this process and its sidecar use: from Linux, from the JVM, and from the Go code. */
final class ProcessUsage {

  private static final long ANSWER_MILLIS = 500;
  private static final int BYTES_PER_KIB = 1024;

  private ProcessUsage() {}

  /** The usage now; waits for the Go code, but not for long. */
  static ProcessView view(@Nullable Tailnet embedded, @Nullable Sidecar sidecar) {
    Runtime java = Runtime.getRuntime();
    RuntimeStats go = embedded == null ? null : ask(embedded);
    return new ProcessView(
        residentBytes("self"),
        java.totalMemory() - java.freeMemory(),
        go == null ? null : go.heapBytes(),
        go == null ? null : go.goroutines(),
        descriptors(),
        sidecar == null ? null : view(sidecar));
  }

  private static SidecarView view(Sidecar sidecar) {
    Tailnet current = sidecar.current();
    long pid = current.childPid().orElse(0);
    boolean running = sidecar.ready().isDone();
    RuntimeStats go = running ? ask(current) : null;
    return new SidecarView(
        pid,
        running,
        sidecar.restarts(),
        running ? residentBytes(String.valueOf(pid)) : 0,
        go == null ? null : go.heapBytes(),
        go == null ? null : go.goroutines(),
        go == null ? null : go.descriptors());
  }

  private static @Nullable RuntimeStats ask(Tailnet tailnet) {
    try {
      return tailnet.runtimeStats().get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return null; // It is closing, or busy: the rest of the picture must not wait for it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static long residentBytes(String process) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIB)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  private static int descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return (int) open.count() - 1; // One of them is the listing's own.
    } catch (IOException e) {
      return 0;
    }
  }
}
