package dev.tailbridge.wire;

import static dev.tailbridge.wire.Relay.COOKIE;
import static dev.tailbridge.wire.Relay.INITIATION;
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
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handshake messages that nobody wants, in numbers, while a device has something to do. */
class FloodIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int PER_SECOND = 5_000;

  @TempDir Path folder;

  private final LabDevice device =
      new LabDevice("chip", "10.6.0.2").with("-keepalive", "0", "-idle");

  private OurEnd ours;
  private Relay relay;
  private OurPeer peer;

  @BeforeEach
  void listen() {
    ours = OurEnd.listen("127.0.0.1");
    relay = new Relay(ours.address());
    peer = ours.add(PeerConfig.of("chip", device.publicKey(), List.of(IpPrefix.parse("10.6.0.2"))));
  }

  private void connect() {
    device.start(ours.publicKey(), relay.forDevice(), folder);
    assertThat(device.ask("connect wait=20").get("connected").getAsBoolean()).isTrue();
    peer.awaitHandshakes(1, SOON);
  }

  @AfterEach
  void close() {
    device.close();
    relay.close();
    ours.close();
  }

  /**
   * A transfer in the middle of a flood: everything comes back in time, and what the flood brought
   * was dropped for all of these reasons and no others.
   */
  private void assertATransferSurvives(Supplier<byte[]> datagrams, DropReason... reasons) {
    try (Flood flood = new Flood(ours.address(), PER_SECOND, datagrams)) {
      await().atMost(SOON).until(() -> ours.drops().keySet().containsAll(Set.of(reasons)));
      long before = flood.sent();
      long start = System.nanoTime();
      for (int first = 0; first < 640; first += 32) {
        transfer(first, 32);
      }
      await().atMost(SOON).until(() -> flood.sent() - before >= PER_SECOND / 4);
      System.out.printf(
          "640 numbers there and back in %d ms, %d datagrams of the flood, drops %s%n",
          (System.nanoTime() - start) / 1_000_000, flood.sent(), ours.drops());
    }
    assertThat(ours.drops()).containsOnlyKeys(reasons);
    assertThat(peer.handshakes).hasValue(1);
    assertThat(peer.moves).hasSize(1);
  }

  /** Sends so many numbers and awaits them, again where the sockets were too full. */
  private void transfer(int first, int count) {
    List<Integer> wanted = IntStream.range(first, first + count).boxed().toList();
    peer.numbers.clear();
    for (int attempt = 0; attempt < 20; attempt++) {
      peer.send(first, count);
      long deadline = System.nanoTime() + 1_000_000_000L;
      while (System.nanoTime() < deadline) {
        if (Set.copyOf(peer.numbers).containsAll(wanted)) {
          return;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
    throw new AssertionError(count + " numbers did not come back: " + ours.drops());
  }

  @Test
  void junk() {
    connect();
    assertATransferSurvives(Flood.junk(), DropReason.BAD_MAC1);
    assertThat(peer.status().drops()).isEmpty();
  }

  @Test
  void junkOfSomebodyWhoKnowsOurKey() {
    connect();
    assertATransferSurvives(
        Flood.validMac1(ours.publicKey()), DropReason.INVALID_INITIATION, DropReason.UNDER_LOAD);
    assertThat(peer.status().drops()).isEmpty();
  }

  @Test
  void aReplayedInitiation() {
    connect();
    byte[] initiation = relay.sent(TO_US, INITIATION).get(0);
    assertATransferSurvives(() -> initiation, DropReason.STALE_INITIATION, DropReason.UNDER_LOAD);
    assertThat(relay.count(TO_DEVICE, INITIATION)).isZero();
    assertThat(relay.count(TO_DEVICE, COOKIE)).isZero();
    assertThat(peer.status().drops()).containsOnlyKeys(DropReason.STALE_INITIATION);
  }

  /**
   * In the middle of a flood that keeps us under load, a device proves its address and is let in.
   */
  @Test
  void aDeviceIsLetInByItsCookie() {
    // It tries again after five seconds. A faster one, whose tries are a quarter of a second apart,
    // has given each up before a busy machine answers it.
    try (Flood flood = new Flood(ours.address(), PER_SECOND, Flood.validMac1(ours.publicKey()))) {
      await().atMost(SOON).until(() -> ours.dropped(DropReason.UNDER_LOAD) > 1000);
      connect();
      assertThat(flood.sent()).isPositive();
    }
    List<byte[]> initiations = relay.sent(TO_US, INITIATION);
    assertThat(relay.count(TO_DEVICE, COOKIE)).isPositive();
    assertThat(CookiesIT.hasMac2(initiations.get(0))).isFalse();
    assertThat(CookiesIT.hasMac2(initiations.get(initiations.size() - 1))).isTrue();
    assertThat(device.ask("ping 10.6.0.1 5").get("received").getAsInt()).isEqualTo(5);
  }
}
