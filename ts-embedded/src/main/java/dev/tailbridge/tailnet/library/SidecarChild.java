package dev.tailbridge.tailnet.library;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * A sidecar's process and the one thread that starts it, reads what it prints and waits for its
 * end.
 *
 * <p>The thread lives as long as the process, for the kernel kills the process when the thread that
 * started it ends (PR_SET_PDEATHSIG, prctl(2)), which is how it dies with a JVM that is killed.
 */
final class SidecarChild {

  /** Lines of one process's life that are passed on: a panic tells of every goroutine. */
  static final int MOST_LINES = 60;

  private final ProcessBuilder builder;
  private final Consumer<String> log;
  private final CompletableFuture<Process> process = new CompletableFuture<>();
  private final CompletableFuture<String> firstLine = new CompletableFuture<>();
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();

  private SidecarChild(ProcessBuilder builder, Consumer<String> log) {
    this.builder = builder;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param log takes what it prints after its first line
   */
  static SidecarChild start(Path program, Path socket, Consumer<String> log)
      throws TailnetLibraryException {
    ProcessBuilder builder = new ProcessBuilder(program.toString(), socket.toString());
    builder.redirectErrorStream(true);
    SidecarChild child = new SidecarChild(builder, log);
    Thread thread = new Thread(child::live, "tailbridge-sidecar");
    thread.setDaemon(true);
    thread.start();
    try {
      child.process.join();
    } catch (CompletionException e) {
      throw new TailnetLibraryException(
          program
              + ": the sidecar cannot be run ("
              + (e.getCause() instanceof IOException known ? known.getMessage() : e)
              + "): let this user run programs from state_dir, or use mode = \"embedded\"",
          e);
    }
    return child;
  }

  private void live() {
    Process running;
    try {
      running = builder.start();
    } catch (IOException | RuntimeException e) {
      process.completeExceptionally(e);
      return;
    }
    process.complete(running);
    try (BufferedReader out = running.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      firstLine.complete(line == null ? "" : line);
      passOn(out);
    } catch (IOException e) {
      firstLine.complete("");
    }
    exit.complete(code(running));
  }

  private void passOn(BufferedReader out) throws IOException {
    int lines = 0;
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (lines++ < MOST_LINES) {
        log.accept(line);
      }
    }
    if (lines > MOST_LINES) {
      log.accept("(" + (lines - MOST_LINES) + " more lines of it are left out)");
    }
  }

  private static int code(Process running) {
    while (true) {
      try {
        return running.waitFor();
      } catch (InterruptedException e) {
        // Nobody interrupts this thread for a reason; it goes on as long as the process does.
      }
    }
  }

  long pid() {
    return process.join().pid();
  }

  /** Gives it its standard input, whole. */
  void tell(String text) {
    try (OutputStream in = process.join().getOutputStream()) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It has ended, which its first line and its exit tell better.
    }
  }

  /** What it printed first; empty when it ended without a word. */
  CompletableFuture<String> firstLine() {
    return firstLine;
  }

  /** Its exit code, as Java gives it: above 128 a signal's number and 128. */
  CompletableFuture<Integer> exit() {
    return exit;
  }

  /** Ends it at once, if it has not ended. */
  void kill() {
    process.join().destroyForcibly();
  }
}
