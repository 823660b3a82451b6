package dev.tailbridge.wire;

import static dev.tailbridge.wire.Relay.INITIATION;
import static dev.tailbridge.wire.Relay.RESPONSE;
import static dev.tailbridge.wire.Relay.TRANSPORT;
import static dev.tailbridge.wire.Relay.Way.TO_DEVICE;
import static dev.tailbridge.wire.Relay.Way.TO_US;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who calls whom, and with which keys. */
class HandshakesIT {

  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;

  private final LabDevice device = new LabDevice("chip", "10.6.0.2").with("-keepalive", "0");
  private OurEnd ours;
  private Relay relay;

  @BeforeEach
  void listen() {
    ours = OurEnd.listen("127.0.0.1");
    relay = new Relay(ours.address());
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

  private PeerConfig called() {
    return config().withEndpoint(relay.forUs());
  }

  /** Switches the device on, to be called by us. */
  private void startSilently() {
    device.with("-idle").start(ours.publicKey(), relay.forDevice(), folder);
    device.ask("listen");
    relay.device(device.port());
  }

  private void startCalling() {
    device.start(ours.publicKey(), relay.forDevice(), folder);
  }

  private static List<Integer> upTo(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private void assertPacketsPassBothWays(OurPeer peer) {
    assertThat(device.ask("ping 10.6.0.1 20").get("received").getAsInt()).isEqualTo(20);
    peer.numbers.clear();
    peer.send(0, 100);
    assertThat(peer.awaitNumbers(100, SOON)).isEqualTo(upTo(100));
    assertThat(peer.status().drops()).isEmpty();
  }

  @Test
  void theDeviceCallsUs() {
    OurPeer peer = ours.add(config());
    startCalling();
    peer.awaitHandshakes(1, SOON);
    assertPacketsPassBothWays(peer);
    assertThat(relay.count(TO_US, INITIATION)).isEqualTo(1);
    assertThat(relay.count(TO_DEVICE, RESPONSE)).isEqualTo(1);
    assertThat(relay.count(TO_DEVICE, INITIATION)).isZero();
    assertThat(peer.handshakes).hasValue(1);
  }

  @Test
  void whatWaitsForTheDeviceThatWeCallArrivesInOrder() {
    startSilently();
    OurPeer peer = ours.add(called());
    peer.send(0, 128);
    assertThat(peer.awaitNumbers(128, SOON)).isEqualTo(upTo(128));
    assertPacketsPassBothWays(peer);
    assertThat(relay.count(TO_DEVICE, INITIATION)).isEqualTo(1);
    assertThat(relay.count(TO_US, RESPONSE)).isEqualTo(1);
    assertThat(relay.count(TO_US, INITIATION)).isZero();
    assertThat(peer.handshakes).hasValue(1);
  }

  /** Until the device has proved that it holds the new key, we may not send by it. */
  @Test
  void whatWaitsForTheDeviceThatCallsLeavesWhenItsFirstPacketHasCome() {
    AtomicReference<Runnable> confirmation = new AtomicReference<>();
    OurPeer peer = ours.add(called());
    relay.trouble(TO_DEVICE, Relay.losing(INITIATION));
    relay.trouble(
        TO_US,
        (datagram, onward) -> {
          if (datagram[0] != TRANSPORT) {
            onward.accept(datagram);
          } else if (confirmation.get() == null) {
            confirmation.set(() -> onward.accept(datagram));
          }
        });
    startCalling();
    await().atMost(SOON).until(() -> confirmation.get() != null);
    peer.send(0, 50);
    ours.settle(relay);
    assertThat(relay.count(TO_DEVICE, TRANSPORT)).isZero();
    assertThat(peer.handshakes).hasValue(0);

    relay.trouble(TO_US, Relay.none());
    confirmation.get().run();
    assertThat(peer.awaitNumbers(50, SOON)).isEqualTo(upTo(50));
    assertThat(peer.handshakes).hasValue(1);
  }

  @Test
  void withTheSamePresharedKeyEitherMayCall() {
    PresharedKey psk = PresharedKey.generate(new SecureRandom());
    device.with("-psk", psk.toBase64());
    startSilently();
    OurPeer peer = ours.add(called().withPresharedKey(psk));
    peer.send(0, 1);
    peer.awaitHandshakes(1, SOON);
    assertPacketsPassBothWays(peer);
    device.ask("reboot");
    peer.awaitHandshakes(2, SOON);
    assertPacketsPassBothWays(peer);
  }

  @Test
  void aDeviceWithAnotherPresharedKeyThatCallsGetsNoSession() {
    PresharedKey psk = PresharedKey.generate(new SecureRandom());
    OurPeer peer = ours.add(config().withPresharedKey(psk));
    startCalling();
    assertThat(device.ask("ping 10.6.0.1 timeout=0.3").get("received").getAsInt()).isZero();
    ours.settle(relay);
    assertThat(relay.count(TO_DEVICE, RESPONSE)).isEqualTo(1);
    assertThat(relay.sent(TO_DEVICE)).hasSize(1);
    assertThat(peer.handshakes).hasValue(0);
    assertThat(peer.status().lastHandshakeEpochMillis()).isZero();
  }

  @Test
  void aDeviceWithAnotherPresharedKeyThatIsCalledIsMetWithSilenceAndAReason() {
    startSilently();
    OurPeer peer = ours.add(called().withPresharedKey(PresharedKey.generate(new SecureRandom())));
    peer.send(0, 3);
    await().atMost(SOON).until(() -> peer.dropped(DropReason.INVALID_RESPONSE) == 1);
    ours.settle(relay);
    assertThat(relay.sent(TO_DEVICE)).hasSize(1);
    assertThat(peer.handshakes).hasValue(0);
  }

  @Test
  void aDeviceWithAnotherServersKeyIsMetWithSilenceAndAReason() {
    OurPeer peer = ours.add(config());
    device.start(PrivateKey.generate(new SecureRandom()).publicKey(), relay.forDevice(), folder);
    await().atMost(SOON).until(() -> ours.dropped(DropReason.BAD_MAC1) == 1);
    ours.settle(relay);
    assertThat(relay.sent(TO_DEVICE)).isEmpty();
    assertThat(peer.handshakes).hasValue(0);
  }

  @Test
  void aDeviceThatWeDoNotKnowIsMetWithSilenceAndItsKeyIsTold() {
    startCalling();
    await().atMost(SOON).until(() -> ours.dropped(DropReason.UNKNOWN_KEY) == 1);
    assertThat(ours.strangers()).containsExactly(device.publicKey());
    ours.settle(relay);
    assertThat(relay.sent(TO_DEVICE)).isEmpty();
  }

  /** A second apart, and only when nothing else was said. */
  @Test
  void eitherKeepsTheOtherAlive() {
    LabDevice lively = new LabDevice("lively", "10.6.0.3").with("-keepalive", "1");
    try (Relay other = new Relay(ours.address())) {
      OurPeer quiet = ours.add(config().withPersistentKeepalive(Duration.ofSeconds(1)));
      OurPeer peer =
          ours.add(
              PeerConfig.of("lively", lively.publicKey(), List.of(IpPrefix.parse("10.6.0.3"))));
      startCalling();
      lively.start(ours.publicKey(), other.forDevice(), folder);
      quiet.awaitHandshakes(1, SOON);
      peer.awaitHandshakes(1, SOON);
      await().atMost(SOON).until(() -> relay.keepalives(TO_DEVICE) >= 2);
      await().atMost(SOON).until(() -> other.keepalives(TO_US) >= 3);
      assertThat(other.keepalives(TO_DEVICE)).isZero();
      assertThat(quiet.packets).hasValue(0);
      assertThat(peer.status().drops()).isEmpty();
    } finally {
      lively.close();
    }
  }
}
