package dev.tailbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.LabFleet;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many devices at one endpoint, on one event loop and on several. */
class FleetIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @SuppressWarnings("ImmutableEnumChecker") // Each start makes a new end and holds nothing.
  enum Loops {
    NIO(() -> OurEnd.on(new NioEventLoopGroup(2)), 1),
    TWO(() -> OurEnd.on(new EpollEventLoopGroup(2)), 2),
    FOUR(() -> OurEnd.on(new EpollEventLoopGroup(4)), 4),
    FOUR_UNSTEERED(() -> OurEnd.unsteeredOn(new EpollEventLoopGroup(4)), 4);

    private final Supplier<OurEnd> start;
    private final int used;

    Loops(Supplier<OurEnd> start, int used) {
      this.start = start;
      this.used = used;
    }
  }

  @TempDir Path folder;

  private OurEnd ours;
  private LabFleet fleet;
  private final List<OurPeer> peers = new ArrayList<>();

  @AfterEach
  void close() {
    if (fleet != null) {
      fleet.close();
    }
    if (ours != null) {
      ours.close();
    }
  }

  private void start(OurEnd with, int devices) {
    ours = with;
    fleet = LabFleet.start(devices, folder, "-keepalive", "0");
    for (LabFleet.Member member : fleet.members()) {
      peers.add(
          ours.add(
              PeerConfig.of(
                  member.address(),
                  member.publicKey(),
                  List.of(IpPrefix.parse(member.address())))));
    }
    fleet.server(ours.publicKey(), ours.address());
  }

  /** All call at once, all get in, and each is reached in both directions. */
  private void assertAllAreServed() {
    JsonObject connected = fleet.ask("connect wait=30");
    System.out.println(connected);
    assertThat(connected.get("responses").getAsInt())
        .as("answers, one each")
        .isEqualTo(peers.size());
    assertThat(connected.get("up").getAsInt()).isEqualTo(peers.size());
    assertAllReachUs();
    // A socket holds so many datagrams and no more, so whose answer was lost is asked again.
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              List<OurPeer> silent = peers.stream().filter(peer -> peer.pongs.get() == 0).toList();
              silent.forEach(OurPeer::ping);
              return silent.isEmpty();
            });
    assertThat(peers).allMatch(peer -> peer.handshakes.get() == 1);
    assertThat(ours.drops().keySet())
        .as("a machine that is busy elsewhere may ask for cookies")
        .isSubsetOf(DropReason.UNDER_LOAD);
  }

  @Test
  void aThousandAtOnce() {
    start(OurEnd.on(new EpollEventLoopGroup(2)), 1000);
    assertAllAreServed();
    assertThat(ours.handedOver()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Loops.class)
  void eachDeviceIsServedOnItsOwnLoop(Loops loops) {
    start(loops.start.get(), 64);
    assertThat(ours.loops()).isEqualTo(loops.used);
    assertAllAreServed();
    Set<EventLoopGroup> seen = new HashSet<>();
    peers.forEach(peer -> seen.add(peer.peer().eventLoop()));
    assertThat(seen).hasSize(loops.used);
    if (loops == Loops.FOUR_UNSTEERED) {
      assertThat(ours.handedOver()).isPositive();
    } else {
      assertThat(ours.handedOver()).isZero();
    }
  }

  /** A power cut takes their clocks: each is back one round trip after its first initiation. */
  @Test
  void fiftyWithoutAClockAreBackAtOnce() {
    start(OurEnd.listen("127.0.0.1"), 50);
    assertAllAreServed();
    JsonObject back = fleet.ask("reboot clock=1970 wait=15");
    System.out.println(back);
    assertThat(back.get("up").getAsInt()).as("drops: %s", ours.drops()).isEqualTo(50);
    assertThat(back.get("answered").getAsInt()).as("by calls of ours").isGreaterThanOrEqualTo(50);
    if (ours.dropped(DropReason.UNDER_LOAD) == 0) { // else they try again after five seconds
      assertThat(back.get("initiated").getAsInt()).as("none had to ask twice").isEqualTo(50);
      assertThat(ours.dropped(DropReason.STALE_INITIATION)).isEqualTo(50);
    }
    assertAllReachUs();
  }

  /** All ask once; again, if a socket was too full for one of so many datagrams at once. */
  private void assertAllReachUs() {
    await()
        .atMost(SOON)
        .until(() -> fleet.ask("ping 10.6.0.1").get("received").getAsInt() == peers.size());
  }
}
