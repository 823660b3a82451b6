package dev.tailbridge.benchmarks.rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a result was measured on, without names. */
final class Machine {

  private Machine() {}

  static String describe() throws IOException {
    String model = "processor unknown";
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("model name")) {
        model = line.substring(line.indexOf(':') + 2);
        break;
      }
    }
    return "# "
        + model
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, Linux "
        + System.getProperty("os.version")
        + ", Java "
        + Runtime.version()
        + ", load "
        + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]
        + " at the start";
  }
}
