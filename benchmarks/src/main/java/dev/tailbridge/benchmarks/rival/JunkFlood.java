package dev.tailbridge.benchmarks.rival;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What 50,000 junk handshakes a second (right length, wrong mac1) from other sources cost a
 * transfer of 1400-byte packets that is held to half its free rate, and the server's processor.
 *
 * <p>Options: {@code --lab PROGRAM}, {@code --rounds N}, {@code --seconds N} of each run, {@code
 * --rate N} of the junk.
 */
public final class JunkFlood {

  private static final int SIZE = 1400;

  private final Path lab;
  private final int seconds;
  private final int rate;
  private final List<Side> sides = new ArrayList<>();

  private JunkFlood(Options options) {
    lab = Path.of(options.required("lab"));
    seconds = options.integer("seconds", 5);
    rate = options.integer("rate", 50_000);
  }

  /** Prints a table. */
  public static void main(String[] args) throws IOException {
    Options options = Options.parse(args, "lab", "rounds", "seconds", "rate", "warmup");
    JunkFlood benchmark = new JunkFlood(options);
    try {
      benchmark.open(options.integer("warmup", 10));
      benchmark.run(options.integer("rounds", 3));
    } finally {
      for (Side side : benchmark.sides) {
        side.close();
      }
    }
  }

  private void open(int warmUpSeconds) throws IOException {
    for (Rival rival : Rival.all(lab, 1)) {
      Side side = new Side(rival);
      sides.add(side);
      side.transfer(0, warmUpSeconds);
      side.flood(warmUpSeconds);
      side.floodEnd();
    }
  }

  private void run(int rounds) throws IOException {
    System.out.println(Machine.describe());
    Map<Side, Samples> kept = new LinkedHashMap<>();
    Map<Side, Samples> cost = new LinkedHashMap<>();
    Map<Side, Samples> half = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Side side : sides) {
        int free = (int) (side.transfer(0, seconds) / seconds);
        double quietCpu = side.rival.server().cpuSeconds();
        double quiet = side.transfer(free / 2, seconds);
        quietCpu = side.rival.server().cpuSeconds() - quietCpu;
        double floodCpu = side.rival.server().cpuSeconds();
        side.flood(seconds);
        double flooded = side.transfer(free / 2, seconds);
        double junk = side.floodEnd();
        floodCpu = side.rival.server().cpuSeconds() - floodCpu;
        kept.computeIfAbsent(side, s -> new Samples()).add(flooded / quiet);
        half.computeIfAbsent(side, s -> new Samples()).add(quiet / seconds);
        cost.computeIfAbsent(side, s -> new Samples()).add((floodCpu - quietCpu) / junk * 1e6);
      }
    }
    System.out.printf(
        "%-20s %16s %14s %22s%n", "server", "half rate, /s", "lost by junk", "CPU s/million junk");
    for (Side side : sides) {
      System.out.printf(
          "%-20s %16.0f %13.1f%% %22.2f%n",
          side.rival.name(),
          half.get(side).median(),
          100 * (1 - kept.get(side).median()),
          cost.get(side).median());
    }
  }

  /** One server with its transfer and its enemy. */
  private final class Side implements AutoCloseable {

    private final Rival rival;
    private final Child client;
    private final Child enemy;

    private Side(Rival rival) throws IOException {
      this.rival = rival;
      this.client = rival.connect(lab);
      this.enemy = Child.lab(lab, "flood", "-endpoint", rival.endpoint());
    }

    /** Packets that the server got. */
    private double transfer(int packetsPerSecond, int span) throws IOException {
      client.call("connect");
      long before = rival.received();
      client.call("send size=" + SIZE + " seconds=" + span + " rate=" + packetsPerSecond);
      return rival.received() - before;
    }

    private void flood(int span) throws IOException {
      enemy.begin("send junk rate=" + rate + " seconds=" + span);
    }

    /** Awaits the end; tells how much was sent. */
    private double floodEnd() throws IOException {
      JsonObject sent = enemy.end();
      return sent.get("sent").getAsDouble();
    }

    @Override
    public void close() throws IOException {
      enemy.close();
      client.close();
      rival.close();
    }
  }
}
