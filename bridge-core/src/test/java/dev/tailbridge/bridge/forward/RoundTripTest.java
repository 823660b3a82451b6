package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.ACK;
import static dev.tailbridge.ip.TestPacket.RST;
import static dev.tailbridge.ip.TestPacket.SYN;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.echo;
import static dev.tailbridge.ip.TestPacket.tcp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket6;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Random conversations in which many callers share few ports. The device is honest: it answers what
 * it saw, knowing nothing of translation.
 */
class RoundTripTest {

  private static final String[] CALLERS = {
    "100.64.0.7", "100.64.0.8", "100.127.255.254", "192.168.3.4", "100.100.100.100"
  };

  private static final String[] CALLERS6 = {"fd7a:115c:a1e0:0:0:0:0:7", "fd7a:115c:a1e0:0:0:0:0:8"};

  private static final String NODE6_TEXT = "fd7a:115c:a1e0:0:0:0:0:3";

  @Property(tries = 200)
  void answersReachWhoeverAsked(
      @ForAll ForwardSettings.Source source,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 400) int steps) {
    Random random = new Random(seed);
    // Which caller each face that the device was shown belongs to: a model of the table.
    Map<String, String> faces = new HashMap<>();
    try (ForwardBench bench = new ForwardBench(source)) {
      for (int i = 0; i < steps; i++) {
        String caller = CALLERS[random.nextInt(CALLERS.length)];
        int port = random.nextInt(3) == 0 ? random.nextInt(65536) : 1000 + random.nextInt(30);
        int devicePort = 80 + random.nextInt(2);
        bench.now += random.nextInt(1_000_000);
        switch (random.nextInt(6)) {
          case 4 -> udpCall6(bench, faces, CALLERS6[random.nextInt(2)], port, devicePort);
          case 5 -> pingCall6(bench, faces, CALLERS6[random.nextInt(2)], port);
          case 0 -> tcpCall(bench, faces, caller, port, devicePort, random);
          case 1 -> udpCall(bench, faces, caller, port, devicePort);
          case 2 -> pingCall(bench, faces, caller, port);
          default -> deviceCall(bench, caller, port, 50000 + random.nextInt(3));
        }
      }
    }
  }

  /** A connection attempt that the device refuses half the time, so tuples end and come again. */
  private static void tcpCall(
      ForwardBench bench,
      Map<String, String> faces,
      String caller,
      int port,
      int devicePort,
      Random random) {
    SeenPacket seen = bench.fromNode(tcp(caller, port, NODE, devicePort, SYN)).onlyToDevice();
    assertThat(seen.destination()).isEqualTo(DEVICE);
    assertThat(seen.destinationPort()).isEqualTo(devicePort);
    assertOnlyOwner(faces, "TCP", seen.source(), seen.sourcePort(), devicePort, caller, port);

    int flags = random.nextBoolean() ? RST | ACK : SYN | ACK;
    SeenPacket answer =
        bench
            .fromDevice(tcp(DEVICE, devicePort, seen.source(), seen.sourcePort(), flags))
            .onlyToNode();
    assertThat(answer.toString())
        .startsWith("TCP " + NODE + ":" + devicePort + " > " + caller + ":" + port + " ");
  }

  private static void udpCall(
      ForwardBench bench, Map<String, String> faces, String caller, int port, int devicePort) {
    SeenPacket seen = bench.fromNode(udp(caller, port, NODE, devicePort, bytes(5))).onlyToDevice();
    assertThat(seen.destination()).isEqualTo(DEVICE);
    assertOnlyOwner(faces, "UDP", seen.source(), seen.sourcePort(), devicePort, caller, port);

    assertThat(
            bench
                .fromDevice(udp(DEVICE, devicePort, seen.source(), seen.sourcePort(), bytes(9)))
                .onlyToNode())
        .hasToString("UDP " + NODE + ":" + devicePort + " > " + caller + ":" + port);
  }

  private static void pingCall(
      ForwardBench bench, Map<String, String> faces, String caller, int id) {
    SeenPacket seen = bench.fromNode(echo(caller, NODE, 8, id)).onlyToDevice();
    assertOnlyOwner(faces, "ping", seen.source(), seen.identifier(), 0, caller, id);

    assertThat(bench.fromDevice(echo(DEVICE, seen.source(), 0, seen.identifier())).onlyToNode())
        .hasToString("ICMP " + NODE + " > " + caller + " 0/0 id " + id);
  }

  private static void udpCall6(
      ForwardBench bench, Map<String, String> faces, String caller, int port, int devicePort) {
    SeenPacket seen =
        bench.fromNode(TestPacket6.udp(caller, port, NODE6, devicePort, bytes(5))).onlyToDevice();
    assertThat(seen.source()).isEqualTo(BRIDGE);
    assertOnlyOwner(faces, "UDP", seen.source(), seen.sourcePort(), devicePort, caller, port);

    assertThat(
            bench
                .fromDevice(udp(DEVICE, devicePort, BRIDGE, seen.sourcePort(), bytes(9)))
                .onlyToNode())
        .hasToString("UDP " + NODE6_TEXT + ":" + devicePort + " > " + caller + ":" + port);
  }

  private static void pingCall6(
      ForwardBench bench, Map<String, String> faces, String caller, int id) {
    SeenPacket seen = bench.fromNode(TestPacket6.echo(caller, NODE6, 128, id)).onlyToDevice();
    assertThat(seen.source()).isEqualTo(BRIDGE);
    assertOnlyOwner(faces, "ping", seen.source(), seen.identifier(), 0, caller, id);

    assertThat(bench.fromDevice(echo(DEVICE, BRIDGE, 0, seen.identifier())).onlyToNode())
        .hasToString("ICMPv6 " + NODE6_TEXT + " > " + caller + " 129/0 id " + id);
  }

  /** What the device starts shows its correspondent as it is, under both settings. */
  private static void deviceCall(ForwardBench bench, String remote, int port, int devicePort) {
    if (remote.startsWith("192.")) {
      return;
    }
    assertThat(bench.fromDevice(udp(DEVICE, devicePort, remote, port, bytes(5))).onlyToNode())
        .hasToString("UDP " + NODE + ":" + devicePort + " > " + remote + ":" + port);
    assertThat(bench.fromNode(udp(remote, port, NODE, devicePort, bytes(5))).onlyToDevice())
        .hasToString("UDP " + remote + ":" + port + " > " + DEVICE + ":" + devicePort);
  }

  private static void assertOnlyOwner(
      Map<String, String> faces,
      String protocol,
      String face,
      int facePort,
      int devicePort,
      String caller,
      int port) {
    String key = protocol + " " + face + ":" + facePort + " " + devicePort;
    String owner = caller + ":" + port;
    assertThat(faces.putIfAbsent(key, owner)).as(key).isIn(null, owner);
  }

  /** A full table gives up flows, but never gives one caller's answers to another. */
  @Property(tries = 100)
  void aFullTableNeverConfusesCallers(@ForAll long seed) {
    Random random = new Random(seed);
    ForwardLimits limits = new ForwardLimits(8, 8, 8, 16, 96 * 1024);
    Map<Integer, String> owners = new HashMap<>();
    try (ForwardBench bench = new ForwardBench(ForwardBench.settings(GATEWAY, limits))) {
      for (int i = 0; i < 300; i++) {
        String caller = CALLERS[random.nextInt(CALLERS.length)];
        int port = 1000 + random.nextInt(20);
        SeenPacket seen = bench.fromNode(udp(caller, port, NODE, 9, bytes(1))).onlyToDevice();
        owners.put(seen.sourcePort(), caller + ":" + port);
        assertThat(bench.forwarder.stats().udpFlows()).isLessThanOrEqualTo(8);

        // The device answers any of those it ever saw: the latest owner gets it, or nobody.
        int face = owners.keySet().stream().skip(random.nextInt(owners.size())).findFirst().get();
        bench.fromDevice(udp(DEVICE, 9, "10.6.0.1", face, bytes(1)));
        for (SeenPacket answer : bench.toNode()) {
          assertThat(answer.destination() + ":" + answer.destinationPort())
              .isEqualTo(owners.get(face));
        }
        bench.toDevice();
        bench.drops();
      }
    }
  }
}
