package dev.tailbridge.lab;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Faults in a child of this process that no ordinary tool can make from outside. */
public final class Sabotage {

  // Numbers of system calls, the same on all architectures.
  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;

  private static final int SHUT_RDWR = 2;
  private static final int SIGFPE = 8;
  private static final NativeLibrary C = NativeLibrary.getInstance("c");

  private Sabotage() {}

  /**
   * Ends the connections of all its AF_UNIX sockets, as if their other sides had (pidfd_getfd(2),
   * Linux 5.6).
   *
   * @return how many; 0 where this is not allowed
   */
  public static int cutUnixSockets(long pid) throws IOException {
    int process = syscall(PIDFD_OPEN, pid, 0L);
    if (process < 0) {
      return 0;
    }
    int cut = 0;
    for (long number : unixSockets(pid)) {
      int duplicate = syscall(PIDFD_GETFD, (long) process, number, 0L);
      if (duplicate >= 0 && call("shutdown", duplicate, SHUT_RDWR) == 0) {
        cut++;
      }
      call("close", duplicate);
    }
    call("close", process);
    return cut;
  }

  private static List<Long> unixSockets(long pid) throws IOException {
    Set<String> sockets;
    try (Stream<String> lines = Files.lines(Path.of("/proc/net/unix"))) {
      sockets =
          lines.map(line -> "socket:[" + line.split(" +")[6] + "]").collect(Collectors.toSet());
    }
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.filter(one -> sockets.contains(target(one)))
          .map(one -> Long.valueOf(one.getFileName().toString()))
          .toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  /** Gives the youngest of its threads of that name, at most 15 letters, an arithmetic fault. */
  public static void fault(long pid, String threads) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      int thread =
          tasks
              .filter(task -> threads.equals(name(task)))
              .map(task -> Integer.valueOf(task.getFileName().toString()))
              .max(Comparator.naturalOrder())
              .orElseThrow();
      if (call("tgkill", (int) pid, thread, SIGFPE) != 0) {
        throw new IOException("thread " + thread + " of process " + pid + " takes no signal");
      }
    }
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return ""; // ended meanwhile
    }
  }

  private static int syscall(Object... arguments) {
    return (int) C.getFunction("syscall").invokeLong(arguments);
  }

  private static int call(String function, Object... arguments) {
    return C.getFunction(function).invokeInt(arguments);
  }
}
