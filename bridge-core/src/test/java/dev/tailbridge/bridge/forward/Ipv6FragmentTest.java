package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER6;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE6;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER6;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.Reassembler;
import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import dev.tailbridge.ip.TestPacket6;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fragments of IPv6 callers are made whole for the device; large answers leave in fragments. */
class Ipv6FragmentTest {

  private ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  @AfterTry
  void nothingLeaked() {
    bench.close();
  }

  private static TestPacket6 datagram(int size) {
    return TestPacket6.udp(CALLER6, 41000, NODE6, 9, bytes(size));
  }

  private void answer(int size, int identification) {
    bench.fromDevice(
        TestPacket.udp(DEVICE, 9, BRIDGE, 41000, bytes(size)).identification(identification));
  }

  private static byte[] data(SeenPacket udp) {
    byte[] payload = udp.payload();
    return Arrays.copyOfRange(payload, 8, payload.length);
  }

  @Property(tries = 100)
  void aDatagramIsMadeWholeInAnyOrder(
      @ForAll @IntRange(min = 16, max = 1392) int size, @ForAll long seed) {
    Random random = new Random(seed);
    int[] cuts =
        random
            .ints(1 + random.nextInt(6), 1, (size + 8) / 8)
            .map(cut -> cut * 8)
            .filter(cut -> cut < size + 8)
            .distinct()
            .sorted()
            .toArray();
    List<byte[]> fragments = new ArrayList<>(datagram(size).fragments(cuts));
    Collections.shuffle(fragments, random);

    fragments.forEach(bench::fromNode);

    SeenPacket seen = bench.onlyToDevice();
    assertThat(seen).hasToString("UDP 10.6.0.1:41000 > 10.6.0.2:9");
    assertThat(data(seen)).isEqualTo(bytes(size));
  }

  @Test
  void aPingInFragmentsIsAnsweredInFragments() {
    TestPacket6 ping = TestPacket6.icmp(CALLER6, NODE6, 128, 0, 77 << 16, bytes(1380));
    ping.fragments(1232).forEach(bench::fromNode);

    SeenPacket seen = bench.onlyToDevice();
    assertThat(seen).hasToString("ICMP 10.6.0.1 > 10.6.0.2 8/0 id 77");

    bench.fromDevice(TestPacket.icmp(DEVICE, BRIDGE, 0, 0, 77 << 16, bytes(1380)));
    assertThat(whole(bench.toNode()))
        .hasToString("ICMPv6 fd7a:115c:a1e0:0:0:0:0:3 > fd7a:115c:a1e0:0:0:0:0:7 129/0 id 77");
  }

  @Test
  void fragmentsOfTwoCallersAreNotMixed() {
    List<byte[]> mine = datagram(100).fragments(48);
    List<byte[]> others = TestPacket6.udp(OTHER6, 41000, NODE6, 9, bytes(100)).fragments(48);

    bench.fromNode(mine.get(0)).fromNode(others.get(1));
    assertThat(bench.toDevice()).isEmpty();
    bench.fromNode(mine.get(1)).onlyToDevice();
    bench.fromNode(others.get(0)).onlyToDevice();
  }

  @Test
  void anAtomicFragmentIsAWholeDatagram() {
    bench.fromNode(datagram(20).fragment(0, 28, false));

    assertThat(bench.onlyToDevice()).hasToString("UDP 10.6.0.1:41000 > 10.6.0.2:9");
    assertThat(bench.forwarder.stats().reassemblies()).isZero();
  }

  @Test
  void whatTheDevicesLinkDoesNotCarryIsDropped() {
    datagram(1392).fragments(1232).forEach(bench::fromNode);
    assertThat(bench.onlyToDevice().size()).isEqualTo(1420);

    List<byte[]> tooBig = datagram(1393).identification(2).fragments(1232);
    bench.fromNode(tooBig.get(0)).fromNode(tooBig.get(1));
    bench.onlyDropped(ForwardDrop.TOO_BIG_FOR_DEVICE);
    bench.fromNode(datagram(1393)).onlyDropped(ForwardDrop.TOO_BIG_FOR_DEVICE);
  }

  @Test
  void overlapsSpoilAndWhatIsMissingTimesOut() {
    bench
        .fromNode(datagram(64).fragment(0, 32, true))
        .fromNode(datagram(64).fragment(24, 72, false));
    bench.onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    bench.fromNode(datagram(64).identification(5).fragment(0, 32, true));
    bench.pass(Duration.ofNanos(Reassembler.TIMEOUT)).onlyDropped(ForwardDrop.FRAGMENT_INCOMPLETE);
  }

  @Test
  void theChecksumOfTheWholeIsVerified() {
    List<byte[]> fragments = datagram(64).fragments(32);
    fragments.get(1)[60]++;

    bench.fromNode(fragments.get(0)).fromNode(fragments.get(1));
    bench.onlyDropped(ForwardDrop.BAD_CHECKSUM);
  }

  @Property(tries = 60)
  void anAnswerLargerThanTheTailnetsMtuLeavesInFragments(
      @ForAll @IntRange(min = 1233, max = 5000) int size,
      @ForAll @IntRange(min = 0, max = 0xffff) int identification) {
    bench.fromNode(datagram(1)).onlyToDevice();

    answer(size, identification);

    List<SeenPacket> fragments = bench.toNode();
    assertThat(fragments)
        .hasSize((size + 8 + 1231) / 1232)
        .allMatch(fragment -> fragment.size() <= 1280)
        .allMatch(fragment -> fragment.identification() == identification);
    SeenPacket whole = whole(fragments);
    assertThat(whole)
        .hasToString("UDP fd7a:115c:a1e0:0:0:0:0:3:9 > fd7a:115c:a1e0:0:0:0:0:7:41000");
    assertThat(data(whole)).isEqualTo(bytes(size));
    assertThat(bench.drops()).isEmpty();
  }

  @Test
  void aDatagramInFragmentsFromBothSidesPasses() {
    datagram(1300).fragments(1232).forEach(bench::fromNode);
    bench.onlyToDevice();

    TestPacket.udp(DEVICE, 9, BRIDGE, 41000, bytes(3000))
        .fragments(1400, 2800)
        .forEach(bench::fromDevice);

    assertThat(data(whole(bench.toNode()))).isEqualTo(bytes(3000));
  }

  /** What a receiver that trusts the order makes of fragments; verifies all checksums. */
  private static SeenPacket whole(List<SeenPacket> fragments) {
    SeenPacket first = fragments.get(0);
    ByteBuffer packet = ByteBuffer.allocate(0xffff).put(first.bytes(), 0, 40);
    for (SeenPacket fragment : fragments) {
      assertThat(fragment.isFragment()).isTrue();
      assertThat(fragment.fragmentOffset()).isEqualTo(packet.position() - 40);
      packet.put(fragment.payload());
      boolean last = fragment == fragments.get(fragments.size() - 1);
      assertThat(fragment.moreFragments()).isEqualTo(!last);
    }
    int size = packet.position();
    packet.putShort(4, (short) (size - 40)).put(6, (byte) first.protocol());
    return SeenPacket.of(Arrays.copyOf(packet.array(), size));
  }
}
