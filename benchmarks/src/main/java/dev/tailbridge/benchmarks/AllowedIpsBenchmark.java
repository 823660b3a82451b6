package dev.tailbridge.benchmarks;

import dev.tailbridge.wireguard.routing.AllowedIps;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Cryptokey routing with one host prefix per device, as a fleet has them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AllowedIpsBenchmark {

  private static final int LOOKUPS = 4096;

  /** Devices. */
  @Param({"10", "1000", "10000"})
  public int entries;

  @Param({"ipv4", "ipv6"})
  public String family = "ipv4";

  private final AllowedIps<Integer> table = new AllowedIps<>();
  private byte[][] known = new byte[0][];
  private byte[][] strangers = new byte[0][];
  private IpPrefix moving = IpPrefix.parse("10.0.0.0/8");
  private int width;
  private int next;

  /** Devices are numbered one after the other; they are asked for in random order. */
  @Setup
  public void fill() throws UnknownHostException {
    Random random = new Random(1);
    width = family.equals("ipv4") ? 4 : 16;
    for (int i = 0; i < entries; i++) {
      moving = IpPrefix.of(InetAddress.getByAddress(device(i)), 8 * width);
      table.insert(moving, i);
    }
    known = new byte[LOOKUPS][];
    strangers = new byte[LOOKUPS][];
    for (int i = 0; i < LOOKUPS; i++) {
      known[i] = device(random.nextInt(entries));
      strangers[i] = new byte[width];
      random.nextBytes(strangers[i]);
    }
  }

  /** 10.6.0.0/16 or fd00:6::/112, upwards. */
  private byte[] device(int number) {
    byte[] address = new byte[width];
    address[0] = (byte) (width == 4 ? 10 : 0xfd);
    address[width == 4 ? 1 : 3] = 6;
    address[width - 2] = (byte) (number >>> 8);
    address[width - 1] = (byte) number;
    return address;
  }

  @Benchmark
  public @Nullable Integer lookup() {
    return table.lookup(known[next++ & (LOOKUPS - 1)], 0, width);
  }

  @Benchmark
  public @Nullable Integer lookupStranger() {
    return table.lookup(strangers[next++ & (LOOKUPS - 1)], 0, width);
  }

  /** A prefix changes its owner. */
  @Benchmark
  public void move() {
    table.insert(moving, next++ & 1);
  }
}
