package dev.tailbridge.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process may have as many files open as its tailnet nodes need. With too few of them
 * the Go code lets those nodes wait that do not fit; this tells it once, at the start.
 */
final class DescriptorLimit {

  /**
   * Seven at rest: two UDP sockets, netlink, control server, relay, both ends of the packet pair;
   * more for a while.
   */
  private static final int EACH_NODE = 10;

  private static final int ALL_ELSE = 200;

  /** The JVM has raised the first number to the second by itself. */
  private static final Pattern LINE = Pattern.compile("Max open files\\s+(\\d+)\\s.*");

  private DescriptorLimit() {}

  /** Why so many nodes are too many here, and what to do; null when they are not. */
  static @Nullable String problem(int nodes) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
      return problem(lines, nodes);
    } catch (IOException e) {
      return null; // Without /proc nobody knows.
    }
  }

  /**
   * @param limits the lines of {@code /proc/PID/limits}
   */
  static @Nullable String problem(Stream<String> limits, int nodes) {
    int needed = ALL_ELSE + EACH_NODE * nodes;
    return limits
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .map(line -> line.group(1))
        .filter(limit -> Long.parseLong(limit) < needed)
        .map(
            limit ->
                "this process may have "
                    + limit
                    + " files open, and "
                    + nodes
                    + " devices with tailnet nodes want "
                    + needed
                    + ": those that do not fit wait; raise the limit and restart the bridge:"
                    + " LimitNOFILE=65536 in the systemd unit, --ulimit nofile=65536 for a"
                    + " container, or ulimit -n 65536 in the shell that starts it")
        .findFirst()
        .orElse(null);
  }
}
