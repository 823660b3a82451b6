package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER6;
import static dev.tailbridge.ip.TestPacket.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.ip.TestPacket6;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/**
 * {@link FuzzTest} for IPv6 callers: no exception, no leak, nothing too large, and all that goes
 * out is valid. Mutated packets get lengths and checksums made right again half the time.
 */
class Ipv6FuzzTest {

  @Property(tries = 100)
  void mutatedTrafficIsTranslatedRightOrDropped(
      @ForAll ForwardSettings.Source source, @ForAll long seed) {
    Random random = new Random(seed);
    ForwardLimits limits = new ForwardLimits(8, 8, 8, 4, 20_000);
    long toDevice = 0;
    long toNode = 0;
    try (ForwardBench bench = new ForwardBench(ForwardBench.settings(source, limits))) {
      for (int i = 0; i < 300; i++) {
        if (random.nextBoolean()) {
          bench.fromNode(mutated(fromCaller(random), random));
        } else {
          bench.fromDevice(fromDevice(random));
        }
        bench.now += random.nextInt(2_000_000_000);
        if (random.nextInt(10) == 0) {
          bench.forwarder.expire(bench.now);
        }
        assertThat(bench.forwarder.stats().udpFlows()).isLessThanOrEqualTo(8);
        toDevice += sizesAreRight(bench.toDevice(), 1420);
        toNode += sizesAreRight(bench.toNode(), 1280);
      }
    }
    assertThat(Math.min(toDevice, toNode)).as("packets that got through").isPositive();
  }

  @Property(tries = 150)
  void anyBytesAreTranslatedRightOrDropped(@ForAll List<@Size(max = 120) byte[]> packets) {
    try (ForwardBench bench = new ForwardBench(ForwardSettings.Source.GATEWAY)) {
      for (byte[] bytes : packets) {
        byte[] packet = TestPacket6.raw(CALLER6, NODE6, 17, bytes).bytes();
        for (int protocol : new int[] {0, 6, 17, 43, 44, 58, 60}) {
          packet[6] = (byte) protocol;
          bench.fromNode(packet).fromNode(right(packet.clone()));
        }
      }
    }
  }

  private static int sizesAreRight(List<SeenPacket> packets, int mtu) {
    assertThat(packets).allMatch(packet -> packet.size() <= mtu);
    return packets.size();
  }

  private static byte[] fromCaller(Random random) {
    String caller = random.nextBoolean() ? CALLER6 : OTHER6;
    int port = 1 + random.nextInt(3);
    byte[] data = bytes(random.nextInt(5) == 0 ? random.nextInt(3000) : random.nextInt(40));
    int type = new int[] {128, 128, 129, 1, 2, 3, 4}[random.nextInt(7)];
    byte[] quoted = TestPacket6.udp(NODE6, 9, caller, port, data).bytes();
    TestPacket6 packet =
        switch (random.nextInt(4)) {
          case 0 -> TestPacket6.icmp(caller, NODE6, type, random.nextInt(5), port << 16, data);
          case 1 -> TestPacket6.icmp(caller, NODE6, type, random.nextInt(5), 1, quoted);
          default -> TestPacket6.udp(caller, port, NODE6, 9, data);
        };
    packet.trafficClass(random.nextInt(256)).identification(random.nextInt(3));
    int whole = packet.bytes().length - 40;
    if (random.nextInt(4) == 0 && whole > 16) {
      int cut = 8 + random.nextInt(whole - 8) / 8 * 8;
      List<byte[]> parts = packet.fragments(Math.min(cut, (whole - 1) / 8 * 8));
      return parts.get(random.nextInt(parts.size()));
    }
    return packet.bytes();
  }

  private static byte[] fromDevice(Random random) {
    int port = 1 + random.nextInt(3);
    byte[] data = bytes(random.nextInt(5) == 0 ? random.nextInt(3000) : random.nextInt(40));
    int code = random.nextInt(16);
    byte[] udp = TestPacket.udp(BRIDGE, port, DEVICE, 9, data).bytes();
    byte[] ping = TestPacket.icmp(BRIDGE, DEVICE, 8, 0, port << 16, data).bytes();
    byte[] mutant = mutated(random.nextBoolean() ? udp : ping, random);
    TestPacket packet =
        switch (random.nextInt(4)) {
          case 0 -> TestPacket.icmp(DEVICE, BRIDGE, 0, 0, port << 16, data);
          case 1 -> TestPacket.icmp(DEVICE, BRIDGE, 3, code, random.nextInt(3) << 20, mutant);
          default -> TestPacket.udp(DEVICE, 9, BRIDGE, port, data);
        };
    return (random.nextInt(10) == 0 ? packet.dontFragment() : packet).bytes();
  }

  private static byte[] mutated(byte[] packet, Random random) {
    if (random.nextBoolean()) {
      return packet;
    }
    for (int i = random.nextInt(4); i >= 0; i--) {
      packet[random.nextInt(Math.min(packet.length, 100))] = (byte) random.nextInt();
    }
    return random.nextBoolean() ? right(packet) : packet;
  }

  /** Makes the lengths and, where no extension header hides it, the checksum right. */
  private static byte[] right(byte[] packet) {
    if (packet.length < 40 || packet[0] >> 4 != 6) {
      return packet;
    }
    int length = packet.length - 40;
    ByteBuffer view = ByteBuffer.wrap(packet);
    view.putShort(4, (short) length);
    if (packet[6] == 17 && length >= 8) {
      view.putShort(44, (short) length);
    }
    int at = packet[6] == 17 ? 46 : packet[6] == 6 ? 56 : 42;
    if (at + 2 <= packet.length && packet[6] != 44) {
      view.putShort(at, (short) 0);
      ByteBuffer sum = ByteBuffer.allocate(40 + length);
      sum.put(packet, 8, 32).putInt(length).putInt(packet[6]).put(packet, 40, length);
      view.putShort(at, (short) TestPacket.naiveChecksum(sum.array(), 0, sum.capacity()));
    }
    return packet;
  }
}
