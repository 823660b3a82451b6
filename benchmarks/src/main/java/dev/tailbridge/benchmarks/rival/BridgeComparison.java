package dev.tailbridge.benchmarks.rival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Our bridge and the Go way in one run: the same tailnet machine calls the same simulated device
 * through either of them in turn, each load of one next to that of the other. The table has the
 * medians, and the median of the rounds' ratios: what drifts in a shared machine over minutes is in
 * both of a pair.
 *
 * <p>Options: {@code --lab PROGRAM}, {@code --jar bridge.jar}, {@code --results FILE}, {@code
 * --starts N} of all processes, {@code --rounds N} of each of them, {@code --seconds N} of each
 * load in each round, {@code --warmup N} seconds of each load, {@code --connections N} that reuse
 * ports, {@code --tcp splice|routed}, {@code --flags} of our JVM in one word with commas, those
 * that README recommends if left out. {@code --against bridge.jar} compares with another build of
 * our bridge instead of the Go way, which runs with {@code --against-flags}, the same ones if left
 * out.
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
    seconds = options.integer("seconds", 3);
  }

  /** Measures, prints the table and writes it down. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Options options =
        Options.parse(
            args,
            "lab",
            "jar",
            "results",
            "starts",
            "rounds",
            "seconds",
            "warmup",
            "connections",
            "tcp",
            "flags",
            "against",
            "against-flags");
    String report = new BridgeComparison(options).run();
    System.out.println(report);
    String results = options.text("results", "");
    if (!results.isEmpty()) {
      Files.writeString(Path.of(results), report);
    }
  }

  private String run() throws IOException, InterruptedException {
    String machine = Machine.describe().substring(2);
    int starts = Math.max(1, options.integer("starts", 4));
    @Nullable Load theirs = null;
    @Nullable Load ours = null;
    for (int start = 1; start <= starts; start++) {
      System.err.println("start " + start + " of " + starts);
      Path folder = Files.createTempDirectory("tbc");
      try (LoopbackTailnet tailnet = new LoopbackTailnet(lab, folder);
          Way theirWay = rival(tailnet, folder);
          Way ourWay = bridge("ours", options.required("jar"), flags(), tailnet, folder)) {
        theirs = new Load(tailnet.client(), theirWay, theirs);
        ours = new Load(tailnet.client(), ourWay, ours);
        measure(theirs, ours, start == starts);
      } finally {
        delete(folder);
      }
    }
    return report(machine, Objects.requireNonNull(theirs), Objects.requireNonNull(ours));
  }

  private String flags() {
    return options.text("flags", FLAGS);
  }

  private Way rival(LoopbackTailnet tailnet, Path folder) throws IOException, InterruptedException {
    String jar = options.text("against", "");
    return jar.isEmpty()
        ? new GoWay(lab, tailnet, folder.resolve("goway"))
        : bridge("other", jar, options.text("against-flags", flags()), tailnet, folder);
  }

  private Way bridge(String name, String jar, String flags, LoopbackTailnet tailnet, Path folder)
      throws IOException, InterruptedException {
    return new OurWay(
        name,
        Path.of(jar),
        options.text("tcp", "splice"),
        Stream.of(flags.split(",")).filter(f -> !f.isEmpty()).toList(),
        lab,
        tailnet,
        folder.resolve(name));
  }

  private void measure(Load theirs, Load ours, boolean last) throws IOException {
    List<Load> loads = List.of(theirs, ours);
    for (Load load : loads) {
      System.err.println("warm up: " + load.name());
      load.warmUp(options.integer("warmup", 5));
    }
    int rounds = options.integer("rounds", 3);
    for (int round = 1; round <= rounds; round++) {
      System.err.println("round " + round + " of " + rounds);
      // Whoever comes second may find a warmer or a slower machine: both are second in turn.
      List<Load> order = round % 2 == 0 ? loads : List.of(ours, theirs);
      for (Load.Kind kind : Load.Kind.values()) {
        for (Load load : order) {
          load.run(kind, seconds);
        }
      }
    }
    for (Load load : loads) {
      if (last) {
        System.err.println("reuse of ports: " + load.name());
        load.reusePorts(options.integer("connections", 10_000), SECONDS_FOR_REUSE);
      }
      load.memory();
    }
  }

  private String report(String machine, Load theirs, Load ours) {
    StringBuilder text = new StringBuilder();
    line(text, "# Our bridge beside the %s%n", theirs.name());
    line(text, "%s, %s.", LocalDate.now(), machine);
    line(
        text,
        "tcp = \"%s\", Conscrypt, JVM flags: %s. %s starts of %s rounds, %d s of each load; medians, and the middle half of the ratios.%n",
        options.text("tcp", "splice"),
        flags(),
        options.text("starts", "4"),
        options.text("rounds", "3"),
        seconds);
    line(text, "| | %s | ours | ours / theirs | middle half | wanted | |", theirs.name());
    line(text, "|---|---|---|---|---|---|---|");
    for (Figure figure : Figure.values()) {
      Samples ratios = ours.samples(figure).over(theirs.samples(figure));
      double ratio = ratios.median();
      line(
          text,
          "| %s, %s | %.1f | %.1f | %.2f | %.2f to %.2f | %s %.1f | %s |",
          figure.what,
          figure.unit,
          theirs.samples(figure).median(),
          ours.samples(figure).median(),
          ratio,
          ratios.quantile(0.25),
          ratios.quantile(0.75),
          figure.cost ? "≤" : "≥",
          figure.wanted,
          figure.isReached(ratio) ? "yes" : "**no**");
    }
    line(
        text,
        "| connections that took more than 1.5 s | %s | %s | | | 0 | %s |",
        theirs.stalls(),
        ours.stalls(),
        ours.stallCount() == 0 ? "yes" : "**no**");
    line(
        text,
        "| the first request of all, ms | %.1f | %.1f | | | | |",
        theirs.firstMillis(),
        ours.firstMillis());
    line(text, "| requests that failed | %d | %d | | | | |", theirs.errors(), ours.errors());
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
