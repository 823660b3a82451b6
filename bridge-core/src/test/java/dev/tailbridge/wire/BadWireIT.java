package dev.tailbridge.wire;

import static dev.tailbridge.wire.Relay.INITIATION;
import static dev.tailbridge.wire.Relay.TRANSPORT;
import static dev.tailbridge.wire.Relay.Way.TO_DEVICE;
import static dev.tailbridge.wire.Relay.Way.TO_US;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that repeats, loses and reorders between us and a device. */
class BadWireIT {

  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;

  private final LabDevice device =
      new LabDevice("chip", "10.6.0.2").with("-keepalive", "0", "-idle");

  private OurEnd ours;
  private Relay relay;

  @BeforeEach
  void listen() {
    ours = OurEnd.listen("127.0.0.1");
    relay = new Relay(ours.address());
  }

  private void switchOn() {
    device.start(ours.publicKey(), relay.forDevice(), folder);
    relay.device(device.port());
  }

  @AfterEach
  void close() {
    device.close();
    relay.close();
    ours.close();
  }

  private PeerConfig config() {
    return PeerConfig.of("chip", device.publicKey(), List.of(IpPrefix.parse("10.6.0.2")));
  }

  private void everythingTwice() {
    for (Relay.Way way : Relay.Way.values()) {
      relay.trouble(
          way,
          (datagram, onward) -> {
            onward.accept(datagram);
            onward.accept(datagram);
          });
    }
  }

  private long allDrops() {
    return Arrays.stream(DropReason.values()).mapToLong(ours::dropped).sum();
  }

  /** With everything twice: one copy of each, and both of what the sender itself repeated. */
  private static long inVain(List<byte[]> datagrams) {
    return datagrams.size() + Relay.repeats(datagrams);
  }

  private void assertEachNumberCameOnceAndEachCopyWasDropped(OurPeer peer) {
    peer.send(0, 100);
    List<Integer> numbers = peer.awaitNumbers(100, SOON);
    assertThat(numbers).isEqualTo(IntStream.range(0, 100).boxed().toList());
    await().atMost(SOON).until(() -> allDrops() == inVain(relay.sent(TO_US)));
    ours.settle(relay);
    assertThat(peer.dropped(DropReason.REPLAY)).isEqualTo(inVain(relay.sent(TO_US, TRANSPORT)));
    assertThat(peer.numbers).hasSize(100);
    assertThat(peer.handshakes).hasValue(1);
  }

  @Test
  void everythingTwiceWhenTheDeviceCalls() {
    switchOn();
    everythingTwice();
    OurPeer peer = ours.add(config());
    assertThat(device.ask("connect").get("connected").getAsBoolean()).isTrue();
    assertEachNumberCameOnceAndEachCopyWasDropped(peer);
  }

  @Test
  void everythingTwiceWhenWeCall() {
    switchOn();
    everythingTwice();
    device.ask("listen");
    OurPeer peer = ours.add(config().withEndpoint(relay.forUs()));
    assertEachNumberCameOnceAndEachCopyWasDropped(peer);
  }

  /** Each packet is overtaken by the thirty that come after it, in blocks turned around. */
  @Test
  void whatComesInAnotherOrderIsTakenAllTheSame() {
    switchOn();
    OurPeer peer = ours.add(config());
    device.ask("connect");
    peer.awaitHandshakes(1, SOON);
    List<byte[]> held = new ArrayList<>();
    relay.trouble(
        TO_US,
        (datagram, onward) -> {
          held.add(datagram);
          if (held.size() == 31) {
            for (int i = held.size() - 1; i >= 0; i--) {
              onward.accept(held.get(i));
            }
            held.clear();
          }
        });
    peer.send(0, 31 * 6);
    List<Integer> numbers = peer.awaitNumbers(31 * 6, SOON);
    assertThat(numbers)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 31 * 6).boxed().toList());
    assertThat(numbers.subList(0, 3)).containsExactly(30, 29, 28);
    assertThat(peer.status().drops()).isEmpty();
  }

  /** What a network at its worst does to everything, the handshakes included. */
  @Test
  void aSessionComesAboutAndStaysSound() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    AtomicInteger copies = new AtomicInteger();
    AtomicInteger initiations = new AtomicInteger();
    relay.trouble(TO_DEVICE, awful(new Random(seed), new AtomicInteger()));
    Relay.Trouble awful = awful(new Random(~seed), copies);
    relay.trouble(
        TO_US,
        (datagram, onward) -> {
          // The first two are lost for certain.
          if (datagram[0] != INITIATION || initiations.getAndIncrement() >= 2) {
            awful.pass(datagram, onward);
          }
        });
    OurPeer peer = ours.add(config());
    device.twentyTimesFaster(); // a lost initiation is repeated after a quarter of a second
    switchOn();
    device.ask("connect wait=0");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> device.ask("ping 10.6.0.1 timeout=0.1").get("received").getAsInt() == 1);
    int count = 400;
    for (int i = 0; i < count; i += 20) {
      peer.send(i, 20);
    }
    await().atMost(SOON).until(() -> peer.numbers.size() >= count / 5);
    ours.settle(relay);
    assertThat(peer.numbers).doesNotHaveDuplicates().hasSizeLessThan(count);
    assertThat(peer.status().drops().keySet())
        .as("copies, and handshakes that newer ones overtook")
        .isSubsetOf(DropReason.REPLAY, DropReason.STALE_INITIATION, DropReason.INITIATION_FLOOD);
    // Each repeat of the sender's own may have been copied too, which the copies tell.
    assertThat(peer.dropped(DropReason.REPLAY))
        .isPositive()
        .isLessThanOrEqualTo(copies.get() + Relay.repeats(relay.sent(TO_US, TRANSPORT)));

    for (Relay.Way way : Relay.Way.values()) {
      relay.trouble(way, Relay.none());
    }
    // The device may still be busy with some of those before.
    List<Integer> last = IntStream.range(count, count + 100).boxed().toList();
    peer.send(count, 100);
    await().atMost(SOON).until(() -> peer.numbers.contains(count + 99));
    assertThat(List.copyOf(peer.numbers)).containsSubsequence(last);
  }

  /** Of five datagrams one is lost, one comes twice, and one comes after its successor. */
  private static Relay.Trouble awful(Random random, AtomicInteger copies) {
    List<byte[]> late = new ArrayList<>();
    return (datagram, onward) -> {
      switch (random.nextInt(5)) {
        case 0 -> {}
        case 1 -> {
          copies.incrementAndGet();
          onward.accept(datagram);
          onward.accept(datagram);
        }
        case 2 -> late.add(datagram);
        default -> {
          onward.accept(datagram);
          late.forEach(onward);
          late.clear();
        }
      }
    };
  }
}
