package dev.tailbridge.benchmarks.rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
        + release()
        + ", Java "
        + Runtime.version()
        + ", load "
        + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]
        + " at the start";
  }

  /** Major and minor: what follows names somebody's build. */
  private static String release() {
    return String.join(".", List.of(System.getProperty("os.version").split("[.-]")).subList(0, 2));
  }
}
