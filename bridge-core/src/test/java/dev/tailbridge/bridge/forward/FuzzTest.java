package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER;
import static dev.tailbridge.bridge.forward.ForwardBench.v4;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.CLIENT;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.echo;
import static dev.tailbridge.ip.TestPacket.icmp;
import static dev.tailbridge.ip.TestPacket.tcp;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.bridge.forward.CallerPolicy.Caller;
import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.bridge.forward.PortPolicy.Range;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.statistics.Statistics;

/**
 * Whatever comes: no exception, no leak, and all that goes out is valid (the bench verifies every
 * emitted packet). Mutated packets get their checksums made right again half the time, so that the
 * mutation is seen by more than the checksum.
 */
class FuzzTest {

  private static final String[] HOSTS = {
    CALLER, OTHER, NODE, DEVICE, BRIDGE, "10.6.0.9", "8.8.8.8", "100.100.100.100"
  };

  @Property(tries = 300)
  void mutatedTrafficIsForwardedRightOrDropped(
      @ForAll ForwardSettings.Source source, @ForAll long seed) {
    Random random = new Random(seed);
    ForwardLimits limits = new ForwardLimits(16, 16, 16, 4, 20_000);
    long emitted = 0;
    try (ForwardBench bench = new ForwardBench(ForwardBench.settings(source, limits))) {
      for (int i = 0; i < 300; i++) {
        boolean fromNode = random.nextBoolean();
        byte[] packet = mutated(packet(fromNode, random), random);
        if (fromNode) {
          bench.fromNode(packet);
        } else {
          bench.fromDevice(packet);
        }
        bench.now += random.nextInt(2_000_000_000);
        if (random.nextInt(10) == 0) {
          bench.forwarder.expire(bench.now);
        }
        emitted += sizesAreRight(bench.toDevice(), 1420) + sizesAreRight(bench.toNode(), 1280);
      }
    }
    assertThat(emitted).as("packets that got through").isPositive();
  }

  /** The device says nothing, so all that it gets was let in by its ports and by its list. */
  @Property(tries = 200)
  void onlyWhoMayCallAndOnlyOpenPortsReachTheDevice(@ForAll long seed) {
    Random random = new Random(seed);
    PortMap open = PortMap.of(List.of(new Range(1, 1, 1), new Range(3, 3, 7)));
    List<InetAddress> asked = new ArrayList<>();
    CallerPolicy policy =
        new CallerPolicy(List.of("alice"), (caller, to) -> asked.add(caller), (at, who) -> {});
    try (ForwardBench bench =
        new ForwardBench(
            ForwardBench.settings(CLIENT, ForwardLimits.DEFAULT)
                .withPorts(new PortPolicy(open, open, true)))) {
      bench.forwarder.judgeCallers(policy);
      for (int i = 0; i < 300; i++) {
        bench.fromNode(mutated(packet(true, random), random));
        bench.now += random.nextInt(300_000_000);
        switch (random.nextInt(20)) {
          case 0 -> bench.forwarder.expire(bench.now);
          case 1 -> policy.tailnetChanged();
          case 2 -> bench.forwarder.nodeAddresses(v4(OTHER), null);
          case 3, 4 -> bench.forwarder.nodeAddresses(v4(NODE), null);
          default -> {}
        }
        while (!asked.isEmpty() && random.nextInt(3) != 0) {
          InetAddress caller = asked.remove(random.nextInt(asked.size()));
          if (random.nextInt(5) == 0) {
            policy.failed(caller, bench.now);
          } else {
            String login = caller.equals(v4(CALLER)) ? "alice" : "bob";
            policy.answered(caller, new Caller(login, "laptop", List.of()), bench.now);
          }
        }
        for (SeenPacket seen : bench.toDevice()) {
          // An error about a running flow may come from any router.
          if (seen.protocol() != 1 || seen.type() == 8) {
            assertThat(seen.source()).isEqualTo(CALLER);
          }
          if (seen.protocol() != 1) {
            assertThat(seen.destinationPort()).isIn(1, 7);
          }
        }
      }
      // Where the node changes its address early and for good, nothing need get through.
      Statistics.label("something got through")
          .collect(bench.forwarder.stats().toDevicePackets() > 0)
          .coverage(tries -> tries.check(true).percentage(share -> share > 80));
    }
  }

  @Property
  void anyBytesAreForwardedRightOrDropped(
      @ForAll ForwardSettings.Source source, @ForAll List<@Size(max = 90) byte[]> packets) {
    try (ForwardBench bench = new ForwardBench(source)) {
      for (byte[] packet : packets) {
        bench.fromNode(packet).fromDevice(packet);
        if (packet.length > 0) {
          packet[0] = 0x45;
          bench.fromNode(right(packet)).fromDevice(right(packet));
        }
      }
    }
  }

  private static int sizesAreRight(List<SeenPacket> packets, int mtu) {
    assertThat(packets).allMatch(packet -> packet.size() <= mtu);
    return packets.size();
  }

  private static byte[] packet(boolean fromNode, Random random) {
    boolean usual = random.nextInt(4) != 0;
    String host = HOSTS[random.nextInt(usual ? 2 : HOSTS.length)];
    String here = usual ? (fromNode ? NODE : DEVICE) : HOSTS[random.nextInt(HOSTS.length)];
    if (usual && !fromNode && random.nextBoolean()) {
      host = BRIDGE;
    }
    String source = fromNode ? host : here;
    String destination = fromNode ? here : host;
    // Of a packet that an error quotes.
    String sender = destination;
    String receiver = source;
    int from = 1 + random.nextInt(3);
    int to = 1 + random.nextInt(3);
    int flags = new int[] {2, 18, 16, 17, 4}[random.nextInt(5)];
    byte[] data = bytes(random.nextInt(5) == 0 ? random.nextInt(3000) : random.nextInt(40));
    TestPacket packet =
        switch (random.nextInt(5)) {
          case 0 -> tcp(source, from, destination, to, flags, bytes(random.nextInt(12)), data);
          case 1 -> udp(source, from, destination, to, data);
          case 2 -> echo(source, destination, random.nextBoolean() ? 8 : 0, from);
          case 3 ->
              icmp(source, destination, 3, 3, 0, udp(sender, to, receiver, from, data).bytes());
          default ->
              icmp(source, destination, 11, 0, 0, tcp(sender, to, receiver, from, flags).bytes());
        };
    if (random.nextInt(10) == 0) {
      packet.dontFragment();
    }
    int whole = packet.bytes().length - 20;
    if (random.nextInt(5) == 0 && whole > 16) {
      int cut = 8 + random.nextInt(whole - 8) / 8 * 8;
      List<byte[]> parts = packet.fragments(Math.min(cut, (whole - 1) / 8 * 8));
      return parts.get(random.nextInt(parts.size()));
    }
    return packet.bytes();
  }

  private static byte[] mutated(byte[] packet, Random random) {
    if (random.nextBoolean()) {
      return packet;
    }
    for (int i = random.nextInt(4); i >= 0; i--) {
      packet[random.nextInt(Math.min(packet.length, 70))] = (byte) random.nextInt();
    }
    return random.nextBoolean() ? right(packet) : packet;
  }

  /** Makes lengths and checksums right, as far as the header says where they are. */
  private static byte[] right(byte[] packet) {
    int header = (packet[0] & 15) * 4;
    if (packet.length < 20 || header < 20 || header > packet.length) {
      return packet;
    }
    ByteBuffer view = ByteBuffer.wrap(packet);
    view.putShort(2, (short) packet.length).putShort(10, (short) 0);
    view.putShort(10, (short) TestPacket.naiveChecksum(packet, 0, header));
    int length = packet.length - header;
    int at =
        switch (packet[9]) {
          case 1 -> 2;
          case 6 -> 16;
          case 17 -> 6;
          default -> length;
        };
    if (at + 2 > length) {
      return packet;
    }
    view.putShort(header + at, (short) 0);
    ByteBuffer sum = ByteBuffer.allocate(12 + length);
    if (packet[9] != 1) {
      sum.put(packet, 12, 8).putShort(packet[9]).putShort((short) length);
    }
    sum.put(packet, header, length);
    view.putShort(header + at, (short) TestPacket.naiveChecksum(sum.array(), 0, sum.position()));
    return packet;
  }
}
