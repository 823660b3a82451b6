package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One kind of bridge under the load of the tailnet's machine: every figure, over and over, and that
 * of several processes, one after the other. Two processes of one and the same program differ by up
 * to a fifth for as long as they run.
 */
final class Load {

  private static final int FIRST_BULK = 20_000_000;
  private static final double GIGABYTE = 1e9;

  private final Child client;
  private final Way way;
  private final String url;
  private final Map<Figure, Samples> samples;
  private double downBytesPerSecond;
  private double upBytesPerSecond;
  private double firstMillis;
  private int errors;
  private JsonObject reuse = new JsonObject();
  private final Map<String, Double> reuseCpu = new TreeMap<>();

  /**
   * @param before the load of the process before this one, whose figures it goes on with
   */
  Load(Child client, Way way, @Nullable Load before) {
    this.client = client;
    this.way = way;
    url = "http://" + way.address();
    samples = before == null ? new EnumMap<>(Figure.class) : before.samples;
    errors = before == null ? 0 : before.errors;
  }

  /** The first request of all, then each load once, for nothing but the warmth. */
  void warmUp(int seconds) throws IOException {
    client.call("wait " + way.address() + " timeout=30");
    firstMillis = client.call("get " + url + "/").get("ms").getAsDouble();
    downBytesPerSecond = rate("down", FIRST_BULK);
    upBytesPerSecond = rate("up", FIRST_BULK);
    downBytesPerSecond = rate("down", (long) (downBytesPerSecond * seconds));
    upBytesPerSecond = rate("up", (long) (upBytesPerSecond * seconds));
    repeat("kept", seconds, Integer.MAX_VALUE);
    repeat("new", seconds, Integer.MAX_VALUE);
  }

  private double rate(String direction, long bytes) throws IOException {
    JsonObject done = client.call(direction + " " + url + " " + bytes + " timeout=120");
    return bytes / done.get("seconds").getAsDouble();
  }

  /** What is measured in each round. */
  enum Kind {
    DOWN,
    UP,
    KEPT,
    NEW
  }

  void run(Kind kind, int seconds) throws IOException {
    switch (kind) {
      case DOWN ->
          downBytesPerSecond =
              bulk("down", (long) (downBytesPerSecond * seconds), Figure.DOWN, Figure.DOWN_CPU);
      case UP ->
          upBytesPerSecond =
              bulk("up", (long) (upBytesPerSecond * seconds), Figure.UP, Figure.UP_CPU);
      case KEPT -> requests("kept", seconds, Figure.KEPT_P50, Figure.KEPT_P99, Figure.KEPT_CPU);
      case NEW -> requests("new", seconds, Figure.NEW_P50, Figure.NEW_P99, Figure.NEW_CPU);
    }
  }

  private double bulk(String direction, long bytes, Figure speed, Figure cpu) throws IOException {
    double before = Usage.cpuSeconds(way.pid());
    double rate = rate(direction, bytes);
    add(cpu, (Usage.cpuSeconds(way.pid()) - before) / (bytes / GIGABYTE));
    add(speed, rate * 8 / 1e6);
    return rate;
  }

  private void requests(String connection, int seconds, Figure p50, Figure p99, Figure cpu)
      throws IOException {
    double before = Usage.cpuSeconds(way.pid());
    JsonObject done = repeat(connection, seconds, Integer.MAX_VALUE);
    double used = Usage.cpuSeconds(way.pid()) - before;
    add(p50, done.get("p50us").getAsDouble());
    add(p99, done.get("p99us").getAsDouble());
    add(cpu, used * 1e6 / done.get("requests").getAsInt());
  }

  /** So many connections, one after the other, within the time; ports come back among them. */
  void reusePorts(int connections, int seconds) throws IOException {
    Map<String, Double> before = Usage.cpuSecondsByThread(way.pid());
    reuse = repeat("new", seconds, connections);
    Usage.cpuSecondsByThread(way.pid())
        .forEach((thread, used) -> reuseCpu.put(thread, used - before.getOrDefault(thread, 0.0)));
  }

  private JsonObject repeat(String connection, int seconds, int count) throws IOException {
    JsonObject done =
        client.call(
            "repeat "
                + url
                + "/ seconds="
                + seconds
                + " count="
                + Math.min(count, 1_000_000)
                + " connection="
                + connection);
    errors += done.get("errors").getAsInt();
    return done;
  }

  void memory() throws IOException {
    add(Figure.MEMORY, Usage.residentMebibytes(way.pid()));
  }

  private void add(Figure figure, double value) {
    samples.computeIfAbsent(figure, f -> new Samples()).add(value);
  }

  /** What {@link #run} has measured of it, in order. */
  Samples samples(Figure figure) {
    return Objects.requireNonNull(samples.get(figure), figure.what);
  }

  String name() {
    return way.name();
  }

  double firstMillis() {
    return firstMillis;
  }

  int errors() {
    return errors;
  }

  /** As {@code "3 in 9880"}. */
  String stalls() {
    return reuse.get("stalls").getAsInt() + " in " + reuse.get("requests").getAsInt();
  }

  /** Which threads spent it: microseconds of processor time for each of those connections. */
  String threads() {
    double perConnection = 1e6 / reuse.get("requests").getAsInt();
    return reuseCpu.entrySet().stream()
        .filter(thread -> thread.getValue() * perConnection >= 1)
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .map(t -> String.format(Locale.ROOT, "%s %.0f", t.getKey(), t.getValue() * perConnection))
        .collect(Collectors.joining(", "));
  }

  int stallCount() {
    return reuse.get("stalls").getAsInt();
  }
}
