package dev.tailbridge.benchmarks.rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What another process uses, as Linux tells it. */
final class Usage {

  /** Of {@code /proc/PID/stat}; Linux has had no other for long. */
  private static final double TICKS_PER_SECOND = 100;

  private Usage() {}

  /** Processor seconds, user and system, of all its threads so far. */
  static double cpuSeconds(long pid) throws IOException {
    return seconds(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
  }

  private static double seconds(String stat) {
    // The name, in parentheses, may contain anything; fields count from behind it.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** Processor seconds of its threads so far, by name; those that have ended are not in it. */
  static Map<String, Double> cpuSecondsByThread(long pid) throws IOException {
    Map<String, Double> seconds = new TreeMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks.toList()) {
        try {
          String stat = Files.readString(task.resolve("stat"));
          String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
          seconds.merge(name, seconds(stat), Double::sum);
        } catch (NoSuchFileException e) {
          // It ended meanwhile.
        }
      }
    }
    return seconds;
  }

  /** Resident memory in MiB. */
  static double residentMebibytes(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("process " + pid + " has no VmRSS: it has ended");
  }
}
