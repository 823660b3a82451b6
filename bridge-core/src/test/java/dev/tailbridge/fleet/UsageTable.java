package dev.tailbridge.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What a process took over time, and whether that grew. */
final class UsageTable {

  private static final double NANOS_PER_HOUR = 3600e9;

  /**
   * One figure.
   *
   * @param share how much more it may be at the end than at the start, as a part of the start
   * @param more and so much on top
   */
  private record Row(String name, ToDoubleFunction<Usage> of, double share, double more) {
    double most(Usage start) {
      return of.applyAsDouble(start) * (1 + share) + more;
    }
  }

  /** The Java heap's garbage is counted, so nothing but the flags bounds it. */
  private static final List<Row> ROWS =
      List.of(
          new Row("goroutines", Usage::goroutines, 0.03, 30),
          new Row("descriptors", Usage::descriptors, 0.03, 10),
          new Row("threads", Usage::threads, 0.1, 5),
          new Row("resident, MiB", Usage::resident, 0.15, 20),
          new Row("Go heap, MiB", Usage::goHeap, 0.15, 10),
          new Row("Java heap in use, MiB", Usage::javaHeap, 0, Double.POSITIVE_INFINITY));

  private record Sample(long nanos, Usage usage) {}

  private final List<Sample> samples = new ArrayList<>();

  private final long warm;

  /**
   * @param warmUp for so long from now on nothing counts
   */
  UsageTable(Duration warmUp) {
    warm = System.nanoTime() + warmUp.toNanos();
  }

  /** The first that counts is the start, by which the last is measured. */
  void add(Usage usage) {
    if (System.nanoTime() >= warm) {
      samples.add(new Sample(System.nanoTime(), usage));
    }
  }

  private Usage start() {
    return samples.get(0).usage();
  }

  private Usage end() {
    return samples.get(samples.size() - 1).usage();
  }

  void assertFlat() {
    for (Row row : ROWS) {
      assertThat(row.of().applyAsDouble(end()))
          .as("%s at the end%n%s", row.name(), this)
          .isLessThan(row.most(start()));
    }
  }

  /** By least squares, for each hour. */
  private double slope(Row row) {
    double times = samples.stream().mapToDouble(this::hours).average().orElse(0);
    double values = samples.stream().mapToDouble(s -> value(row, s)).average().orElse(0);
    double above = 0;
    double below = 0;
    for (Sample sample : samples) {
      double x = hours(sample) - times;
      above += x * (value(row, sample) - values);
      below += x * x;
    }
    return below == 0 ? 0 : above / below;
  }

  private double hours(Sample sample) {
    return (sample.nanos() - samples.get(0).nanos()) / NANOS_PER_HOUR;
  }

  private static double value(Row row, Sample sample) {
    return row.of().applyAsDouble(sample.usage());
  }

  @Override
  public String toString() {
    StringBuilder table =
        new StringBuilder(
            String.format(
                "%-24s %8s %8s %8s %10s %10s%n",
                "", "start", "middle", "end", "at most", "an hour"));
    Usage middle = samples.get(samples.size() / 2).usage();
    for (Row row : ROWS) {
      table.append(
          String.format(
              "%-24s %8.0f %8.0f %8.0f %10.0f %+10.1f%n",
              row.name(),
              row.of().applyAsDouble(start()),
              row.of().applyAsDouble(middle),
              row.of().applyAsDouble(end()),
              row.most(start()),
              slope(row)));
    }
    return table.toString();
  }
}
