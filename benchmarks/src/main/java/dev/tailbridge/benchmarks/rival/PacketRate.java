package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * UDP through one tunnel: how many packets a server carries per second of processor time, in, out
 * and back (echo: a packet in and a packet out), ours against wireguard-go.
 *
 * <p>Options: {@code --lab PROGRAM}, {@code --rounds N}, {@code --seconds N} of each run, {@code
 * --warmup N} seconds before the first of a kind, {@code --ways in,out,echo}, {@code --gso true}
 * for a client whose datagrams the kernel cuts.
 */
public final class PacketRate {

  private static final int[] SIZES = {128, 1400};
  private static final List<String> WAYS = List.of("in", "out", "echo");

  private final List<Rival> rivals = new ArrayList<>();
  private final Map<Rival, Child> clients = new LinkedHashMap<>();
  private final Map<Rival, Map<String, Double>> medians = new HashMap<>();
  private final int seconds;
  private final int warmUpSeconds;

  private PacketRate(int seconds, int warmUpSeconds) {
    this.seconds = seconds;
    this.warmUpSeconds = warmUpSeconds;
  }

  /** Prints a table. */
  public static void main(String[] args) throws IOException {
    Options options = Options.parse(args, "lab", "rounds", "seconds", "warmup", "gso", "ways");
    PacketRate benchmark =
        new PacketRate(options.integer("seconds", 5), options.integer("warmup", 15));
    try {
      benchmark.open(Path.of(options.required("lab")), options.text("gso", "false"));
      benchmark.run(
          options.integer("rounds", 3),
          List.of(options.text("ways", String.join(",", WAYS)).split(",")));
    } finally {
      benchmark.close();
    }
  }

  private void open(Path lab, String gso) throws IOException {
    for (Rival rival : Rival.all(lab, 1)) {
      rivals.add(rival);
      clients.put(rival, rival.connect(lab, "-gso=" + gso));
    }
  }

  private void run(int rounds, List<String> ways) throws IOException {
    System.out.println(Machine.describe());
    System.out.printf(
        "%-5s %5s  %-20s %14s %8s %12s %12s%n",
        "way", "bytes", "server", "packets/CPU s", "ratio", "packets/s", "CPU s/GB");
    for (String way : ways) {
      for (int size : SIZES) {
        measure(way, size, rounds);
      }
    }
    if (ways.contains("in") && ways.contains("out")) {
      for (int size : SIZES) {
        printBoth(size);
      }
    }
  }

  /** A packet in and a packet out, as the sum of both measurements. */
  private void printBoth(int size) {
    double theirs = 0;
    for (Rival rival : rivals) {
      Map<String, Double> rates = medians.get(rival);
      double rate = 2 / (1 / rates.get("in" + size) + 1 / rates.get("out" + size));
      theirs = theirs == 0 ? rate : theirs;
      System.out.printf(
          "%-5s %5d  %-20s %14.0f %8.2f%n", "sum", size, rival.name(), rate, rate / theirs);
    }
  }

  private void measure(String way, int size, int rounds) throws IOException {
    Map<Rival, Samples> perCpu = new LinkedHashMap<>();
    Map<Rival, Samples> perSecond = new LinkedHashMap<>();
    for (Rival rival : rivals) {
      once(rival, way, size, warmUpSeconds);
    }
    for (int round = 0; round < rounds; round++) {
      for (Rival rival : rivals) {
        Run run = once(rival, way, size, seconds);
        perCpu.computeIfAbsent(rival, r -> new Samples()).add(run.packets / run.cpuSeconds);
        perSecond.computeIfAbsent(rival, r -> new Samples()).add(run.packets / run.seconds);
      }
    }
    double theirs = perCpu.get(rivals.get(0)).median();
    for (Rival rival : rivals) {
      double rate = perCpu.get(rival).median();
      medians.computeIfAbsent(rival, r -> new HashMap<>()).put(way + size, rate);
      System.out.printf(
          "%-5s %5d  %-20s %14.0f %8.2f %12.0f %12.2f%n",
          way,
          size,
          rival.name(),
          rate,
          rate / theirs,
          perSecond.get(rival).median(),
          1e9 / (rate * size));
    }
  }

  private record Run(double packets, double seconds, double cpuSeconds) {}

  private Run once(Rival rival, String way, int size, int seconds) throws IOException {
    Child client = clients.get(rival);
    client.call("connect");
    long before = rival.received();
    double cpu = rival.server().cpuSeconds();
    String load = " size=" + size + " seconds=" + seconds;
    double packets;
    double took;
    switch (way) {
      case "in" -> {
        took = client.call("send" + load).get("seconds").getAsDouble();
        packets = rival.received() - before;
      }
      case "out" -> {
        JsonObject source = rival.server().call("source 10.6.0.2:9" + load);
        took = source.get("seconds").getAsDouble();
        packets = source.get("sent").getAsDouble();
      }
      case "echo" -> {
        JsonObject echo = client.call("echo" + load);
        took = echo.get("seconds").getAsDouble();
        packets = echo.get("received").getAsDouble();
      }
      default -> throw new IllegalArgumentException("a way is in, out or echo: " + way);
    }
    return new Run(packets, took, rival.server().cpuSeconds() - cpu);
  }

  private void close() throws IOException {
    for (Child client : clients.values()) {
      client.close();
    }
    for (Rival rival : rivals) {
      rival.close();
    }
  }
}
