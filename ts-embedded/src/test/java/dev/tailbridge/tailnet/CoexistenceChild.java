package dev.tailbridge.tailnet;

import dev.tailbridge.tailnet.library.GoThreads;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The JVM that {@link CoexistenceIT} starts: two nodes up, then whatever the mode says. It reports
 * by a file, because one of the modes has no standard output.
 */
final class CoexistenceChild {

  private static final int FAULT_THREADS = 4;
  private static final int NULL_POINTERS = 1_000_000;
  private static final int OVERFLOWS = 10_000;

  /** Soon full: what is tested is its end, not the way there. */
  private static final long SMALL_STACK_BYTES = 256 * 1024;

  private final Path home;
  private final Tailnet tailnet;
  private final TestNode a;
  private final TestNode b;

  private CoexistenceChild(Path home, String controlUrl) throws Exception {
    this.home = home;
    this.tailnet = Tailnet.open(RealLibrary.options(home.resolve("native")), RealLibrary.loop());
    a = start(controlUrl, "a");
    b = start(controlUrl, "b");
    a.awaitReady();
    b.awaitReady();
    a.exchange(b, 7, "up");
  }

  /** Arguments: mode, directory, control URL. Exit code 3: the library said no. */
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[1]);
    try {
      new CoexistenceChild(home, arguments[2]).run(arguments[0]);
      System.exit(0);
    } catch (TailnetLibraryException e) {
      Files.writeString(home.resolve("report"), e.getMessage());
      System.exit(3);
    }
  }

  private void run(String mode) throws Exception {
    switch (mode) {
      case "faults" -> faults();
      case "traffic" -> trafficUntilTerminated();
      case "pipes" -> livesWithoutOutput();
      default -> throw new IllegalArgumentException(mode);
    }
    report(tailnet.close(Duration.ofSeconds(10)).get() ? "closed" : "not closed");
  }

  /** HotSpot's own signals, on fresh threads and on threads that have been in Go. */
  private void faults() throws Exception {
    Thread[] threads = new Thread[2 * FAULT_THREADS];
    int[] counts = new int[threads.length];
    for (int i = 0; i < threads.length; i++) {
      int index = i;
      threads[i] =
          new Thread(
              null,
              () -> {
                if (index >= FAULT_THREADS) {
                  GoThreads.enterGo();
                }
                counts[index] =
                    Faults.provoke(NULL_POINTERS / FAULT_THREADS, OVERFLOWS / FAULT_THREADS);
              },
              "faults-" + i,
              SMALL_STACK_BYTES);
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    a.exchange(b, 7, "after the faults");
    int expected = NULL_POINTERS / FAULT_THREADS + OVERFLOWS / FAULT_THREADS;
    for (int count : counts) {
      if (count != expected) {
        throw new AssertionError(count + " faults instead of " + expected);
      }
    }
  }

  private void trafficUntilTerminated() throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> report("hook ran")));
    report("up");
    for (int i = 0; ; i++) {
      a.exchange(b, 7, "number " + i);
      b.exchange(a, 7, "number " + i);
      a.packets.clear();
      b.packets.clear();
    }
  }

  private void livesWithoutOutput() throws Exception {
    report("up");
    while (!Files.exists(home.resolve("go"))) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    for (int i = 0; i < 20; i++) {
      System.out.println("nobody reads this");
      System.err.println("nor this");
    }
    int logged = RealLibrary.LOG.size();
    b.node.stop().get(30, TimeUnit.SECONDS);
    TestNode c = start(a.node.config().controlUrl(), "c").awaitReady();
    a.exchange(c, 7, "still talking");
    if (RealLibrary.LOG.size() == logged) {
      throw new AssertionError("Go has logged nothing");
    }
  }

  private TestNode start(String controlUrl, String name) {
    return TestNode.start(tailnet, controlUrl, home, name, Lab.AUTH_KEY, RealLibrary.loop());
  }

  private void report(String text) {
    try {
      Path file = home.resolve("report.new");
      Files.writeString(file, text);
      Files.move(file, home.resolve("report"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
