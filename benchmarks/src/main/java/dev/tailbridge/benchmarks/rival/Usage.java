package dev.tailbridge.benchmarks.rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What another process uses, as Linux tells it. */
final class Usage {

  /** Of {@code /proc/PID/stat}; Linux has had no other for long. */
  private static final double TICKS_PER_SECOND = 100;

  private Usage() {}

  /** Processor seconds, user and system, of all its threads so far. */
  static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    // The name, in parentheses, may contain anything; fields count from behind it.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
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
