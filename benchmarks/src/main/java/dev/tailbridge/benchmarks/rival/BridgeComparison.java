package dev.tailbridge.benchmarks.rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Our bridge and the Go way in one run: the same tailnet machine calls the same simulated device
 * through either of them in turn, and the table has the medians and their ratios.
 *
 * <p>Options: {@code --lab PROGRAM}, {@code --jar bridge.jar}, {@code --results FILE}, {@code
 * --rounds N}, {@code --seconds N} of each load in each round, {@code --warmup N} seconds of each
 * load, {@code --connections N} that reuse ports, {@code --tcp splice|routed}, {@code --flags} of
 * our JVM in one word with commas, those that README recommends if left out.
 */
public final class BridgeComparison {

  /** What README recommends. */
  private static final String FLAGS = "-XX:+UseSerialGC,-Xms32m,-Xmn16m,-Xmx256m";

  private static final int SECONDS_FOR_REUSE = 90;

  private final Options options;
  private final Path lab;
  private final int seconds;

  private BridgeComparison(Options options) {
    this.options = options;
    lab = Path.of(options.required("lab"));
    seconds = options.integer("seconds", 6);
  }

  /** Measures, prints the table and writes it down. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Options options =
        Options.parse(
            args,
            "lab",
            "jar",
            "results",
            "rounds",
            "seconds",
            "warmup",
            "connections",
            "tcp",
            "flags");
    String report = new BridgeComparison(options).run();
    System.out.println(report);
    String results = options.text("results", "");
    if (!results.isEmpty()) {
      Files.writeString(Path.of(results), report);
    }
  }

  private String run() throws IOException, InterruptedException {
    String machine = Machine.describe().substring(2);
    Path folder = Files.createTempDirectory("tbc");
    try (LoopbackTailnet tailnet = new LoopbackTailnet(lab, folder);
        Way theirs = new GoWay(lab, tailnet, folder.resolve("goway"));
        Way ours =
            new OurWay(
                Path.of(options.required("jar")),
                options.text("tcp", "splice"),
                Stream.of(options.text("flags", FLAGS).split(","))
                    .filter(f -> !f.isEmpty())
                    .toList(),
                lab,
                tailnet,
                folder.resolve("ours"))) {
      Load theirLoad = new Load(tailnet.client(), theirs);
      Load ourLoad = new Load(tailnet.client(), ours);
      measure(List.of(theirLoad, ourLoad));
      return report(machine, theirLoad, ourLoad);
    } finally {
      delete(folder);
    }
  }

  private void measure(List<Load> loads) throws IOException {
    for (Load load : loads) {
      progress("warm up", load);
      load.warmUp(options.integer("warmup", 10));
    }
    for (int round = 1; round <= options.integer("rounds", 3); round++) {
      for (Load load : loads) {
        progress("round " + round, load);
        load.bulk(seconds);
        load.requests(seconds);
      }
    }
    for (Load load : loads) {
      progress("reuse of ports", load);
      load.reusePorts(options.integer("connections", 10_000), SECONDS_FOR_REUSE);
      load.memory();
    }
  }

  private static void progress(String what, Load load) {
    System.err.println(what + ": " + load.name());
  }

  private String report(String machine, Load theirs, Load ours) {
    StringBuilder text = new StringBuilder();
    text.append("# Our bridge beside the Go way\n\n");
    line(text, "%s, %s.", LocalDate.now(), machine);
    line(
        text,
        "tcp = \"%s\", Conscrypt, JVM flags: %s. %s rounds in turn, %d s of each load; medians.%n",
        options.text("tcp", "splice"),
        options.text("flags", FLAGS),
        options.text("rounds", "3"),
        seconds);
    line(text, "| | Go way | ours | ours / theirs | wanted | |");
    line(text, "|---|---|---|---|---|---|");
    for (Figure figure : Figure.values()) {
      double ratio = ours.median(figure) / theirs.median(figure);
      line(
          text,
          "| %s, %s | %.1f | %.1f | %.2f | %s %.1f | %s |",
          figure.what,
          figure.unit,
          theirs.median(figure),
          ours.median(figure),
          ratio,
          figure.cost ? "≤" : "≥",
          figure.wanted,
          figure.isReached(ratio) ? "yes" : "**no**");
    }
    line(
        text,
        "| connections that took more than 1.5 s | %s | %s | | 0 | %s |",
        theirs.stalls(),
        ours.stalls(),
        ours.stallCount() == 0 ? "yes" : "**no**");
    line(
        text,
        "| the first request of all, ms | %.1f | %.1f | | | |",
        theirs.firstMillis(),
        ours.firstMillis());
    line(text, "| requests that failed | %d | %d | | | |", theirs.errors(), ours.errors());
    line(
        text,
        "%nCPU of ours by thread, µs for each new connection of the last load (C1 and C2 compile): %s.",
        ours.threads());
    text.append(
        """

        The load, both bridges and both devices share the processors, and only the bridge's process is counted. One
        run's ratios mean something, its figures do not. Stalls are no samples of the percentiles.
        """);
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
