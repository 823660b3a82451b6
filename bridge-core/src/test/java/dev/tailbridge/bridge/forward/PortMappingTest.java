package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.icmp;
import static dev.tailbridge.ip.TestPacket.tcp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.bridge.forward.PortPolicy.Range;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket6;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Random policies, and callers of both families that call whatever port, so that several ports lead
 * to one of the device. The model is the list of ranges itself, and who has which face.
 */
class PortMappingTest {

  private static final String[] CALLERS = {"100.64.0.7", "100.64.0.8", "192.168.3.4"};
  private static final String CALLER6 = "fd7a:115c:a1e0:0:0:0:0:7";
  private static final String NODE6_TEXT = "fd7a:115c:a1e0:0:0:0:0:3";

  private final Map<String, String> faces = new HashMap<>();

  @Property(tries = 300)
  void answersAndErrorsComeFromThePortThatWasCalled(
      @ForAll ForwardSettings.Source source,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 200) int steps) {
    Random random = new Random(seed);
    faces.clear();
    List<Range> ranges = ranges(random);
    PortMap map = PortMap.of(ranges);
    ForwardSettings settings =
        ForwardBench.settings(source, ForwardLimits.DEFAULT)
            .withPorts(new PortPolicy(map, map, true));
    try (ForwardBench bench = new ForwardBench(settings)) {
      for (int i = 0; i < steps; i++) {
        String caller = CALLERS[random.nextInt(CALLERS.length)];
        int from = 2000 + random.nextInt(5);
        int called = 1 + random.nextInt(60);
        int expected = expected(ranges, called);
        switch (random.nextInt(3)) {
          case 0 -> tcpCall(bench, caller, from, called, expected);
          case 1 -> udpCall(bench, caller, from, called, expected);
          default -> udpCall6(bench, from, called, expected);
        }
      }
    }
  }

  /** Disjoint, over the first sixty ports, every other one to somewhere else. */
  private static List<Range> ranges(Random random) {
    List<Range> ranges = new ArrayList<>();
    for (int next = 1 + random.nextInt(5); next < 60; next += random.nextInt(4)) {
      int last = next + random.nextInt(6);
      boolean mapped = random.nextBoolean();
      ranges.add(new Range(next, mapped ? next : last, mapped ? 1 + random.nextInt(5) : next));
      next = last + 1;
    }
    return ranges;
  }

  private static int expected(List<Range> ranges, int called) {
    return ranges.stream()
        .filter(range -> range.first() <= called && called <= range.last())
        .mapToInt(range -> called - range.first() + range.devicePort())
        .findFirst()
        .orElse(PortMap.CLOSED);
  }

  private void tcpCall(ForwardBench bench, String caller, int from, int called, int expected) {
    bench.fromNode(tcp(caller, from, NODE, called, SYN));
    if (isClosed(bench, expected)) {
      return;
    }
    SeenPacket seen = bench.onlyToDevice();
    assertOwner("TCP", seen, caller, from, called, expected);
    assertThat(
            bench
                .fromDevice(tcp(DEVICE, expected, seen.source(), seen.sourcePort(), SYN | 16))
                .onlyToNode())
        .hasToString("TCP " + NODE + ":" + called + " > " + caller + ":" + from + " [SA]");
    assertErrorComesBack(bench, seen, NODE, caller, from, called);
  }

  private void udpCall(ForwardBench bench, String caller, int from, int called, int expected) {
    bench.fromNode(udp(caller, from, NODE, called, bytes(9)));
    if (isClosed(bench, expected)) {
      return;
    }
    SeenPacket seen = bench.onlyToDevice();
    assertOwner("UDP", seen, caller, from, called, expected);
    assertThat(
            bench
                .fromDevice(udp(DEVICE, expected, seen.source(), seen.sourcePort(), bytes(4)))
                .onlyToNode())
        .hasToString("UDP " + NODE + ":" + called + " > " + caller + ":" + from);
    assertErrorComesBack(bench, seen, NODE, caller, from, called);
    assertErrorGoesOn(bench, seen, caller, from, called, expected);
  }

  private void udpCall6(ForwardBench bench, int from, int called, int expected) {
    bench.fromNode(TestPacket6.udp(CALLER6, from, NODE6, called, bytes(9)));
    if (isClosed(bench, expected)) {
      return;
    }
    SeenPacket seen = bench.onlyToDevice();
    assertThat(seen.source()).isEqualTo(BRIDGE);
    assertOwner("UDP", seen, CALLER6, from, called, expected);
    assertThat(
            bench
                .fromDevice(udp(DEVICE, expected, BRIDGE, seen.sourcePort(), bytes(4)))
                .onlyToNode())
        .hasToString("UDP " + NODE6_TEXT + ":" + called + " > " + CALLER6 + ":" + from);
    assertErrorComesBack(bench, seen, NODE6_TEXT, CALLER6, from, called);
  }

  private static boolean isClosed(ForwardBench bench, int expected) {
    if (expected != PortMap.CLOSED) {
      return false;
    }
    bench.onlyDropped(ForwardDrop.PORT_CLOSED);
    return true;
  }

  private void assertOwner(
      String protocol, SeenPacket seen, String caller, int from, int called, int expected) {
    assertThat(seen.destination()).isEqualTo(DEVICE);
    assertThat(seen.destinationPort()).isEqualTo(expected);
    String face =
        protocol + " " + seen.source() + ":" + seen.sourcePort() + " > " + seen.destinationPort();
    String owner = caller + ":" + from + " > " + called;
    assertThat(faces.putIfAbsent(face, owner)).as(face).isIn(null, owner);
  }

  /** The device finds the port closed: what it quotes is what the caller had sent. */
  private static void assertErrorComesBack(
      ForwardBench bench, SeenPacket seen, String node, String caller, int from, int called) {
    byte[] quoted = Arrays.copyOf(seen.bytes(), Math.min(seen.size(), 28));
    bench.fromDevice(icmp(DEVICE, seen.source(), 3, 3, 0, quoted));
    SeenPacket error = bench.onlyToNode();
    assertThat(error.destination()).isEqualTo(caller);
    int header = caller.contains(":") ? 40 : 20;
    assertThat(port(error.quoted(), header)).isEqualTo(from);
    assertThat(port(error.quoted(), header + 2)).isEqualTo(called);
    assertThat(error.source()).isEqualTo(node);
  }

  /** The caller has gone: what it quotes is what the device had sent. */
  private static void assertErrorGoesOn(
      ForwardBench bench, SeenPacket seen, String caller, int from, int called, int expected) {
    byte[] answer = udp(NODE, called, caller, from, bytes(4)).bytes();
    bench.fromNode(icmp(caller, NODE, 3, 3, 0, answer));
    SeenPacket error = bench.onlyToDevice();
    assertThat(port(error.quoted(), 20)).isEqualTo(expected);
    assertThat(port(error.quoted(), 22)).isEqualTo(seen.sourcePort());
  }

  private static int port(byte[] packet, int at) {
    return (packet[at] & 0xff) << 8 | (packet[at + 1] & 0xff);
  }
}
