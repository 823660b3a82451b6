package dev.tailbridge.wire;

import static dev.tailbridge.wire.Relay.INITIATION;
import static dev.tailbridge.wire.Relay.RESPONSE;
import static dev.tailbridge.wire.Relay.TRANSPORT;
import static dev.tailbridge.wire.Relay.Way.TO_DEVICE;
import static dev.tailbridge.wire.Relay.Way.TO_US;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What time brings about, twenty times as fast on both sides: a new handshake after 6 s, the end of
 * a session after 9 s, an initiation repeated after 250 ms, a keepalive after 500 ms.
 */
class TimersIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration REKEY_AFTER_TIME = Duration.ofMinutes(2).dividedBy(20);
  private static final Duration REJECT_AFTER_TIME = Duration.ofMinutes(3).dividedBy(20);

  @TempDir Path folder;

  private final OurEnd ours = OurEnd.twentyTimesFaster();
  private final List<AutoCloseable> open = new ArrayList<>(List.of(ours));

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  /** A device, the network between us, and what we have of the device. */
  private final class Line {
    final LabDevice device;
    final Relay relay = new Relay(ours.address());
    final OurPeer peer;

    Line(int number) {
      String address = "10.6.0." + number;
      device =
          new LabDevice("chip" + number, address)
              .twentyTimesFaster()
              .with("-keepalive", "0", "-idle")
              .start(ours.publicKey(), relay.forDevice(), folder);
      relay.device(device.port());
      open.add(relay);
      open.add(device);
      peer =
          ours.add(
              PeerConfig.of(device.name(), device.publicKey(), List.of(IpPrefix.parse(address)))
                  .withEndpoint(relay.forUs()));
    }

    Line thatTheDeviceOpens() {
      device.ask("connect");
      peer.awaitHandshakes(1, SOON);
      return this;
    }

    Line thatWeOpen() {
      device.ask("listen");
      peer.send(0, 1);
      assertThat(peer.awaitNumbers(1, SOON)).containsExactly(0);
      peer.numbers.clear();
      return this;
    }

    int initiations(Relay.Way way) {
      return relay.count(way, INITIATION);
    }
  }

  /** Whoever opened a session renews it, and nothing is lost meanwhile. */
  @Test
  void eitherRenewsTheSessionThatItOpened() {
    Line called = new Line(2);
    Line calling = new Line(3);
    long begun = System.nanoTime();
    called.thatTheDeviceOpens();
    calling.thatWeOpen();
    long opened = System.nanoTime();
    List<Line> lines = List.of(called, calling);
    int[] sent = {0};
    Silence silence = new Silence();
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              silence.look(lines);
              lines.forEach(line -> line.peer.send(sent[0], 1));
              sent[0]++;
              return lines.stream().allMatch(line -> line.peer.handshakes.get() >= 2);
            });
    // On the first packet sent after that time; the last minute's rule begins at 165 s, or 8.25 s.
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isGreaterThanOrEqualTo(REKEY_AFTER_TIME);
    assertThat(Duration.ofNanos(System.nanoTime() - opened))
        .isLessThanOrEqualTo(Duration.ofSeconds(165).dividedBy(20));
    for (Line line : lines) {
      line.peer.send(sent[0], 10);
      assertThat(line.peer.awaitNumbers(sent[0] + 10, SOON))
          .isEqualTo(IntStream.range(0, sent[0] + 10).boxed().toList());
      assertThat(line.device.ask("ping 10.6.0.1 5").get("received").getAsInt()).isEqualTo(5);
    }
    assertThat(called.initiations(TO_US)).isGreaterThanOrEqualTo(2);
    assertThat(calling.initiations(TO_DEVICE)).isGreaterThanOrEqualTo(2);
    if (silence.wasShort()) { // else the other side may call as well, as it should after 750 ms
      assertThat(called.initiations(TO_DEVICE)).isZero();
      assertThat(calling.initiations(TO_US)).isZero();
    }
  }

  /** How long one of the lines brought no number back: a busy machine lets everybody wait. */
  private static final class Silence {
    private long since = System.nanoTime();
    private long longestNanos;
    private int heard;

    void look(List<Line> lines) {
      long now = System.nanoTime();
      longestNanos = Math.max(longestNanos, now - since);
      int least = lines.stream().mapToInt(line -> line.peer.numbers.size()).min().orElseThrow();
      if (least > heard) {
        heard = least;
        since = now;
      }
    }

    boolean wasShort() {
      return longestNanos < Duration.ofMillis(500).toNanos();
    }
  }

  /** A session ends for both at once, so the next packet of either begins another. */
  @Test
  void afterTheEndOfASessionEitherBeginsAnother() {
    Line ofDevice = new Line(2).thatTheDeviceOpens();
    Line ofOurs = new Line(3).thatWeOpen();
    long begun = System.nanoTime();
    await()
        .atMost(REJECT_AFTER_TIME.multipliedBy(2))
        .until(() -> System.nanoTime() - begun > REJECT_AFTER_TIME.plusMillis(200).toNanos());
    // Nobody has renewed anything, since nobody had anything to say.
    assertThat(ofDevice.peer.handshakes).hasValue(1);
    assertThat(ofOurs.peer.handshakes).hasValue(1);
    int ofItsOwn = ofDevice.initiations(TO_US);
    int ofOurOwn = ofOurs.initiations(TO_DEVICE);
    ofDevice.peer.send(0, 5);
    assertThat(ofDevice.peer.awaitNumbers(5, SOON)).containsExactly(0, 1, 2, 3, 4);
    assertThat(ofDevice.initiations(TO_DEVICE)).isPositive();
    assertThat(ofDevice.initiations(TO_US)).isEqualTo(ofItsOwn);
    assertThat(ofOurs.device.ask("ping 10.6.0.1").get("result").getAsString()).isEqualTo("ok");
    assertThat(ofOurs.initiations(TO_US)).isPositive();
    assertThat(ofOurs.initiations(TO_DEVICE)).isEqualTo(ofOurOwn);
  }

  /** Data that nobody has an answer to is answered by a keepalive, once. */
  @Test
  void dataWithoutAnAnswerIsAnsweredByAKeepalive() {
    Line line = new Line(2).thatTheDeviceOpens();
    ours.settle(line.relay);
    long fromDevice = line.relay.keepalives(TO_US);
    long fromUs = line.relay.keepalives(TO_DEVICE);
    line.peer.sendSilently();
    await().atMost(SOON).until(() -> line.relay.keepalives(TO_US) == fromDevice + 1);
    assertThat(line.relay.keepalives(TO_DEVICE)).isEqualTo(fromUs);
    int packets = line.peer.packets.get();
    line.device.ask("udp 10.6.0.1:4 nobody timeout=0.01");
    await().atMost(SOON).until(() -> line.relay.keepalives(TO_DEVICE) == fromUs + 1);
    assertThat(line.peer.packets).hasValue(packets + 1);
    assertThat(line.relay.keepalives(TO_US)).isEqualTo(fromDevice + 1);
  }

  /** Who speaks and hears nothing for 15 s calls again; 750 ms here. */
  @Test
  void whoSpeaksAndHearsNothingCallsAgain() {
    Line deaf = new Line(2).thatTheDeviceOpens();
    Line mute = new Line(3).thatWeOpen();
    int ofDeaf = deaf.initiations(TO_US);
    int ofMute = mute.initiations(TO_DEVICE);
    deaf.relay.trouble(TO_DEVICE, Relay.losing(TRANSPORT));
    mute.relay.trouble(TO_US, Relay.losing(TRANSPORT));
    // What has no answer: else the other side would speak, hear nothing, and call as well.
    deaf.device.ask("udp 10.6.0.1:4 nobody timeout=0.01");
    mute.peer.sendSilently();
    await().atMost(SOON).until(() -> deaf.initiations(TO_US) > ofDeaf);
    await().atMost(SOON).until(() -> mute.initiations(TO_DEVICE) > ofMute);
    assertThat(deaf.initiations(TO_DEVICE)).isZero();
    assertThat(mute.initiations(TO_US)).isZero();
    deaf.relay.trouble(TO_DEVICE, Relay.none());
    mute.relay.trouble(TO_US, Relay.none());
    assertThat(deaf.device.ask("ping 10.6.0.1 3").get("received").getAsInt()).isEqualTo(3);
    mute.peer.numbers.clear();
    mute.peer.send(7, 1);
    assertThat(mute.peer.awaitNumbers(1, SOON)).contains(7);
  }

  /** Both call at the same moment, so that each initiation meets the other's on its way. */
  @Test
  void whenBothCallAtOnceOneSessionComesOfIt() {
    Line line = new Line(2);
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    for (Relay.Way way : Relay.Way.values()) {
      line.relay.trouble(
          way,
          (datagram, onward) -> {
            if (datagram[0] == INITIATION && held.size() < 2) {
              held.add(() -> onward.accept(datagram));
            } else {
              onward.accept(datagram);
            }
          });
    }
    line.device.ask("connect wait=0");
    line.peer.send(0, 20);
    await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> held.size() == 2);
    held.forEach(Runnable::run);
    assertThat(line.peer.awaitNumbers(20, SOON)).isEqualTo(IntStream.range(0, 20).boxed().toList());
    assertThat(line.relay.count(TO_US, RESPONSE)).as("it answered").isPositive();
    assertThat(line.relay.count(TO_DEVICE, RESPONSE)).as("so did we").isPositive();
    assertThat(line.device.ask("ping 10.6.0.1 5").get("received").getAsInt()).isEqualTo(5);
  }
}
