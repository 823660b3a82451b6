package dev.tailbridge.wireguard.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a decrypted packet is believed, and how packets are padded. */
class InnerPacketTest {

  @ParameterizedTest
  @CsvSource({
    // first byte, length field, available, accepted length
    "0x45, 20, 20, 20",
    "0x45, 20, 32, 20",
    "0x45, 32, 32, 32",
    "0x45, 33, 32, -1",
    "0x45, 19, 32, -1",
    "0x45, 0, 32, -1",
    "0x45, 20, 19, -1",
    "0x60, 0, 40, 40",
    "0x60, 0, 48, 40",
    "0x60, 8, 48, 48",
    "0x60, 9, 48, -1",
    "0x60, 0, 39, -1",
    "0x60, 65535, 48, -1",
    "0x00, 20, 32, -1",
    "0x55, 20, 32, -1",
    "0xf5, 20, 32, -1"
  })
  void lengths(String first, int field, int available, int accepted) {
    byte[] packet = new byte[64];
    packet[0] = (byte) Integer.decode(first).intValue();
    int offset = packet[0] >>> 4 == 6 ? 4 : 2;
    packet[offset] = (byte) (field >>> 8);
    packet[offset + 1] = (byte) field;
    assertThat(InnerPacket.length(packet, available)).isEqualTo(accepted);
  }

  @Property
  void neverMoreThanThereIs(@ForAll @Size(max = 80) byte[] junk) {
    assertThat(InnerPacket.length(junk, junk.length))
        .satisfiesAnyOf(
            length -> assertThat(length).isEqualTo(-1),
            length -> assertThat(length).isBetween(20, junk.length));
  }

  @Test
  void paddingGoesToSixteenAndNotBeyondTheMtu() {
    Pair pair = Pair.inSession(1);
    int[][] lengthAndPadded = {
      {20, 32}, {32, 32}, {33, 48}, {1408, 1408}, {1409, 1420}, {1420, 1420}
    };
    for (int[] expected : lengthAndPadded) {
      byte[] packet = Arrays.copyOf(Pair.toServer(9), expected[0]);
      packet[2] = (byte) (expected[0] >>> 8);
      packet[3] = (byte) expected[0];
      pair.device.send(packet);
      assertThat(pair.wire.takeSent().get(0).bytes()).hasSize(32 + expected[1]);
      pair.clock.advance(Duration.ofMillis(10));
      assertThat(pair.server.packets).containsExactly(packet);
      pair.server.packets.clear();
    }
    pair.device.send(new byte[1421]);
    assertThat(pair.device.drops).containsExactly(DropReason.PACKET_TOO_BIG);
  }

  @Test
  void unpaddedPacketsAreAccepted() {
    Pair pair = Pair.inSession(2);
    byte[] message = new byte[100];
    byte[] packet = Pair.toServer(1);
    int length = pair.device.keypairs().current().seal(packet, packet.length, message);
    pair.server.receive(Arrays.copyOf(message, length), Pair.DEVICE);
    assertThat(pair.server.packets).containsExactly(packet);
  }

  @Test
  void nonsenseInsideIsMalformed() {
    Pair pair = Pair.inSession(3);
    pair.device.send(new byte[24]);
    pair.clock.advance(Duration.ofMillis(10));
    assertThat(pair.server.drops).containsExactly(DropReason.INNER_MALFORMED);
  }

  @Test
  void anotherPeersLongerPrefixTakesTheSourceAway() {
    Pair pair = Pair.inSession(4);
    byte[] key = new byte[32];
    key[0] = 9;
    PublicKey other = PublicKey.of(key);
    pair.server.addPeer(PeerConfig.of("other", other, List.of(IpPrefix.parse("10.6.0.2/32"))));
    pair.device.send(Pair.toServer(1));
    pair.clock.advance(Duration.ofMillis(10));
    assertThat(pair.server.drops).containsExactly(DropReason.INNER_SOURCE_DENIED);
    assertThat(pair.server.core.route(Pair.toDevice(1), 24).config().publicKey()).isEqualTo(other);
  }

  @Test
  void theDestinationChoosesThePeer() {
    Pair pair = Pair.inSession(5);
    assertThat(pair.server.core.route(Pair.toDevice(1), 24)).isSameAs(pair.server.peer);
    assertThat(pair.server.core.route(Pair.packet(1, 3, 1), 24)).isNull();
    assertThat(pair.server.core.route(new byte[24], 24)).isNull();
    assertThat(pair.server.core.route(new byte[0], 0)).isNull();
  }
}
