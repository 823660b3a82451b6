package dev.tailbridge.wire;

import static dev.tailbridge.wire.Relay.COOKIE;
import static dev.tailbridge.wire.Relay.INITIATION;
import static dev.tailbridge.wire.Relay.RESPONSE;
import static dev.tailbridge.wire.Relay.Way.TO_DEVICE;
import static dev.tailbridge.wire.Relay.Way.TO_US;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handshakes while one side is under load and wants to see a cookie first. */
class CookiesIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int MAC2_BYTES = 16;

  @TempDir Path folder;

  /** It repeats its initiations after a quarter of a second, as we do. */
  private final LabDevice device =
      new LabDevice("chip", "10.6.0.2").twentyTimesFaster().with("-keepalive", "0", "-idle");

  private OurEnd ours;
  private Relay relay;

  @BeforeEach
  void switchOn() {
    ours = OurEnd.twentyTimesFaster();
    relay = new Relay(ours.address());
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

  static boolean hasMac2(byte[] handshake) {
    byte[] mac2 = Arrays.copyOfRange(handshake, handshake.length - MAC2_BYTES, handshake.length);
    return !Arrays.equals(mac2, new byte[MAC2_BYTES]);
  }

  /** The device under load asks a cookie of our response, and gets it with the next one. */
  @Test
  void ourResponseCarriesTheCookieThatADeviceUnderLoadGaveUs() {
    OurPeer peer = ours.add(config());
    device.ask("load 60");
    assertThat(device.ask("connect").get("connected").getAsBoolean()).isTrue();
    peer.awaitHandshakes(1, SOON);
    List<byte[]> responses = relay.sent(TO_DEVICE, RESPONSE);
    assertThat(relay.count(TO_US, COOKIE)).isPositive();
    assertThat(hasMac2(responses.get(0))).isFalse();
    assertThat(hasMac2(responses.get(responses.size() - 1))).isTrue();
    assertThat(peer.moves).hasSize(1);
    assertThat(device.ask("ping 10.6.0.1 10").get("received").getAsInt()).isEqualTo(10);
  }

  /** The device under load asks a cookie of our initiation, and gets it with the next one. */
  @Test
  void ourInitiationCarriesTheCookieThatADeviceUnderLoadGaveUs() {
    device.ask("listen");
    device.ask("load 60");
    OurPeer peer = ours.add(config().withEndpoint(relay.forUs()));
    peer.send(0, 10);
    assertThat(peer.awaitNumbers(10, SOON)).hasSize(10);
    List<byte[]> initiations = relay.sent(TO_DEVICE, INITIATION);
    assertThat(relay.count(TO_US, COOKIE)).isPositive();
    assertThat(hasMac2(initiations.get(0))).isFalse();
    assertThat(hasMac2(initiations.get(initiations.size() - 1))).isTrue();
    assertThat(peer.handshakes).hasValue(1);
    assertThat(peer.moves).as("we knew where it is").isEmpty();
  }
}
