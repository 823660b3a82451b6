package dev.tailbridge.bridge.forward;

import static dev.tailbridge.bridge.forward.ForwardBench.BRIDGE;
import static dev.tailbridge.bridge.forward.ForwardBench.CALLER;
import static dev.tailbridge.bridge.forward.ForwardBench.DEVICE;
import static dev.tailbridge.bridge.forward.ForwardBench.NODE;
import static dev.tailbridge.bridge.forward.ForwardBench.OTHER;
import static dev.tailbridge.bridge.forward.ForwardSettings.Source.GATEWAY;
import static dev.tailbridge.ip.TestPacket.bytes;
import static dev.tailbridge.ip.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.ip.SeenPacket;
import dev.tailbridge.ip.TestPacket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FragmentTest {

  private ForwardBench bench = new ForwardBench(GATEWAY);

  @AfterEach
  @AfterTry
  void nothingLeaked() {
    bench.close();
  }

  /** The datagram in random fragments, in random order, some of them repeated. */
  private static List<byte[]> shuffled(TestPacket packet, int length, long seed) {
    Random random = new Random(seed);
    int pieces = 1 + random.nextInt(12);
    int[] cuts =
        random.ints(pieces, 1, length / 8).map(cut -> cut * 8).distinct().sorted().toArray();
    List<byte[]> fragments = new ArrayList<>(packet.fragments(cuts));
    // Repeated before the last missing one comes: those after it would start a new datagram.
    byte[] last = fragments.remove(random.nextInt(fragments.size()));
    for (int i = random.nextInt(4); i > 0 && !fragments.isEmpty(); i--) {
      fragments.add(fragments.get(random.nextInt(fragments.size())));
    }
    Collections.shuffle(fragments, random);
    fragments.add(last);
    return fragments;
  }

  /** What a naive receiver makes of fragments: every byte put where it belongs. */
  private static byte[] reassemble(List<SeenPacket> fragments) {
    int length =
        fragments.stream().mapToInt(f -> f.fragmentOffset() + f.payload().length).max().orElse(0);
    byte[] payload = new byte[length];
    int filled = 0;
    for (SeenPacket fragment : fragments) {
      byte[] part = fragment.payload();
      assertThat(fragment.moreFragments())
          .isEqualTo(fragment.fragmentOffset() + part.length < length);
      System.arraycopy(part, 0, payload, fragment.fragmentOffset(), part.length);
      filled += part.length;
    }
    assertThat(filled).isEqualTo(length);
    return payload;
  }

  private static byte[] payloadOf(TestPacket packet) {
    return SeenPacket.of(packet.bytes()).payload();
  }

  @Property(tries = 300)
  void fragmentsOfACallerReachTheDeviceAsOnePacket(
      @ForAll @IntRange(min = 20, max = 1392) int size, @ForAll long seed) {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(size));
    for (byte[] fragment : shuffled(sent, size + 8, seed)) {
      assertThat(bench.toDevice()).isEmpty();
      bench.fromNode(fragment);
    }

    SeenPacket seen = bench.onlyToDevice();

    assertThat(seen).hasToString("UDP 10.6.0.1:7 > 10.6.0.2:9");
    assertThat(seen.payload()).isEqualTo(payloadOf(udp(BRIDGE, 7, DEVICE, 9, bytes(size))));
    assertThat(bench.forwarder.stats().reassemblies()).isZero();
  }

  @Property(tries = 300)
  void fragmentsOfTheDeviceAreMadeWholeAndCutAnew(
      @ForAll @IntRange(min = 20, max = 65000) int size, @ForAll long seed) {
    TestPacket sent = udp(DEVICE, 7, OTHER, 9, bytes(size)).identification(77);
    for (byte[] fragment : shuffled(sent, size + 8, seed)) {
      bench.fromDevice(fragment);
    }

    assertThat(bench.drops()).isEmpty();
    assertThat(bench.toDevice()).isEmpty();
    List<SeenPacket> seen = bench.toNode();
    assertThat(seen)
        .allSatisfy(
            fragment -> {
              assertThat(fragment.size()).isLessThanOrEqualTo(1280);
              assertThat(fragment.identification()).isEqualTo(77);
              assertThat(fragment.source()).isEqualTo(NODE);
              assertThat(fragment.destination()).isEqualTo(OTHER);
            });
    assertThat(seen).hasSize(Math.max(1, size + 28 <= 1280 ? 1 : (size + 8 + 1255) / 1256));
    assertThat(reassemble(seen)).isEqualTo(payloadOf(udp(NODE, 7, OTHER, 9, bytes(size))));
  }

  @Test
  void whatFitsTheTailnetExactlyIsNotFragmented() {
    assertThat(bench.fromDevice(udp(DEVICE, 7, OTHER, 9, bytes(1252))).onlyToNode().size())
        .isEqualTo(1280);
    assertThat(bench.fromDevice(udp(DEVICE, 7, OTHER, 9, bytes(1253))).toNode())
        .extracting(SeenPacket::size)
        .containsExactly(1276, 25);
  }

  @Test
  void aDatagramTooBigForTheDeviceIsRefusedAsSoonAsThatIsKnown() {
    List<byte[]> fragments = udp(CALLER, 7, NODE, 9, bytes(1393)).fragments(800);

    bench.fromNode(fragments.get(1)).onlyDropped(ForwardDrop.TOO_BIG_FOR_DEVICE);
    bench.fromNode(fragments.get(0)).onlyDropped(ForwardDrop.TOO_BIG_FOR_DEVICE);
  }

  @Test
  void overlappingFragmentsSpoilTheirDatagramWhateverStillComes() {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(92));

    bench.fromNode(sent.fragment(0, 48, true));
    bench.fromNode(sent.fragment(40, 100, false)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    bench.fromNode(sent.fragment(48, 100, false)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    bench.fromNode(sent.fragment(0, 48, true)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);

    bench.fromNode(sent.identification(5).fragment(48, 100, false));
    bench.fromNode(sent.fragment(0, 56, true)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    sent.identification(0x1234);

    bench.pass(Duration.ofSeconds(30));
    assertThat(bench.drops()).as("counted once").isEmpty();
    bench.fromNode(sent.fragment(0, 48, true)).fromNode(sent.fragment(48, 100, false));
    bench.onlyToDevice();
  }

  @Test
  void aSpoiledDatagramHoldsNoBytes() {
    TestPacket sent = udp(DEVICE, 7, OTHER, 9, bytes(60_000));
    bench.fromDevice(sent.fragment(40_000, 48_000, true));
    assertThat(bench.allocator.metric().usedHeapMemory()).isGreaterThan(48_000);

    bench.fromDevice(sent.fragment(40_008, 48_008, true));

    bench.onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    assertThat(bench.allocator.metric().usedHeapMemory()).isLessThan(100);
    for (int id = 0; id < 10; id++) {
      bench.fromDevice(sent.identification(id).fragment(40_000, 48_000, true));
      bench
          .fromDevice(sent.fragment(40_008, 48_008, true))
          .onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    }
    sent.identification(99).fragments(20_000, 40_000).forEach(bench::fromDevice);
    assertThat(bench.drops()).isEmpty();
    assertThat(bench.toNode()).hasSize(48);
  }

  @Test
  void teardropAndItsKinAreRefused() {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(192));

    bench.fromNode(sent.fragment(0, 64, true));
    bench.fromNode(sent.fragment(24, 40, false)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    // A second end, and data behind the end.
    bench.fromNode(sent.identification(2).fragment(64, 100, false));
    bench.fromNode(sent.fragment(104, 144, false)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    bench.fromNode(sent.identification(3).fragment(64, 100, false));
    bench.fromNode(sent.fragment(104, 144, true)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    bench.fromNode(sent.identification(4).fragment(104, 144, true));
    bench.fromNode(sent.fragment(64, 100, false)).onlyDropped(ForwardDrop.FRAGMENT_OVERLAP);
    // Not a multiple of eight, and nothing at all.
    bench.fromNode(sent.fragment(0, 63, true)).onlyDropped(ForwardDrop.MALFORMED);
    bench.fromNode(sent.fragment(8, 8, true)).onlyDropped(ForwardDrop.MALFORMED);
  }

  @Test
  void moreThanAPacketCanHoldIsRefused() {
    byte[] fragment = udp(DEVICE, 7, OTHER, 9, bytes(100)).fragment(0, 32, false);
    fragment[6] = 0x1f;
    fragment[7] = (byte) 0xff;
    fragment[10] = 0;
    fragment[11] = 0;
    int checksum = TestPacket.naiveChecksum(fragment, 0, 20);
    fragment[10] = (byte) (checksum >> 8);
    fragment[11] = (byte) checksum;

    bench.fromDevice(fragment).onlyDropped(ForwardDrop.MALFORMED);
  }

  @Test
  void theClockMayRunOverTheLargestLong() {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(92));
    bench.now = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos();

    bench.fromNode(sent.fragment(0, 48, true)).pass(Duration.ofSeconds(1));
    bench.pass(Duration.ofSeconds(20)).fromNode(sent.fragment(48, 100, false));

    bench.onlyToDevice();
  }

  @Test
  void unfinishedDatagramsAreGivenUpAfter30Seconds() {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(92));
    bench.fromNode(sent.fragment(0, 48, true)).pass(Duration.ofSeconds(29));
    assertThat(bench.forwarder.stats().reassemblies()).isEqualTo(1);

    bench.pass(Duration.ofSeconds(1)).onlyDropped(ForwardDrop.FRAGMENT_INCOMPLETE);

    assertThat(bench.forwarder.stats().reassemblies()).isZero();
    bench.fromNode(sent.fragment(48, 100, false));
    assertThat(bench.toDevice()).isEmpty();
  }

  @Test
  void theOldestGivesWayWhenThereAreTooMany() {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(92));
    for (int id = 0; id < 17; id++) {
      bench.fromNode(sent.identification(id).fragment(0, 48, true));
    }
    bench.onlyDropped(ForwardDrop.FRAGMENT_TABLE_FULL);

    bench.fromNode(sent.identification(1).fragment(48, 100, false)).onlyToDevice();
  }

  @Test
  void memoryIsBoundedAndAFloodDoesNotKeepOthersOut() {
    TestPacket large = udp(DEVICE, 7, OTHER, 9, bytes(60_000));
    for (int id = 0; id < 200; id++) {
      bench.fromDevice(large.identification(id).fragment(48_000, 49_000, true));
      assertThat(bench.allocator.metric().usedHeapMemory()).isLessThan(2 * 96 * 1024);
    }
    bench.drops();

    large.identification(1000);
    for (byte[] fragment : large.fragments(20_000, 40_000)) {
      bench.fromDevice(fragment);
    }

    assertThat(reassemble(bench.toNode()))
        .isEqualTo(payloadOf(udp(NODE, 7, OTHER, 9, bytes(60_000))));
  }

  @Test
  void tooManyTinyFragmentsAreRefused() {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(1300));
    for (int i = 0; i < 128; i++) {
      bench.fromNode(sent.fragment(i * 8, i * 8 + 8, true));
    }
    assertThat(bench.drops()).isEmpty();

    bench.fromNode(sent.fragment(1024, 1032, true)).onlyDropped(ForwardDrop.FRAGMENT_TABLE_FULL);
  }

  @Test
  void aPacketWithAWrongChecksumIsRefusedOnceItIsWhole() {
    TestPacket sent = udp(CALLER, 7, NODE, 9, bytes(92));
    byte[] broken = sent.fragment(48, 100, false);
    broken[30]++;

    bench.fromNode(sent.fragment(0, 48, true)).fromNode(broken);

    bench.onlyDropped(ForwardDrop.BAD_CHECKSUM);
  }
}
