package dev.tailbridge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.tailbridge.lab.LabDevice;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device, or we, at another port or address than before, in the middle of a session. */
class RoamingIT {

  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;

  private final LabDevice device = new LabDevice("chip", "10.6.0.2").with("-keepalive", "0");
  private OurEnd ours;
  private OurPeer peer;

  @AfterEach
  void close() {
    device.close();
    if (ours != null) {
      ours.close();
    }
  }

  /** The device calls the first of our addresses. */
  private void connect(String deviceHost, String... ourHosts) {
    ours = OurEnd.listen(ourHosts);
    peer = ours.add(PeerConfig.of("chip", device.publicKey(), List.of(IpPrefix.parse("10.6.0.2"))));
    device.with("-bind", deviceHost).start(ours.publicKey(), ours.address(), folder);
    peer.awaitHandshakes(1, SOON);
  }

  /** One packet of the device's, and all of ours follow it. */
  private void assertWeFollowTo(String host, int port) {
    assertThat(device.ask("ping 10.6.0.1").get("result").getAsString()).isEqualTo("ok");
    InetSocketAddress where = new InetSocketAddress(address(host), port);
    assertThat(peer.status().endpoint()).isEqualTo(where);
    assertThat(List.copyOf(peer.moves)).last().isEqualTo(where);
    peer.numbers.clear();
    peer.send(0, 20);
    assertThat(peer.awaitNumbers(20, SOON)).isEqualTo(IntStream.range(0, 20).boxed().toList());
    assertThat(peer.handshakes).as("the session stays").hasValue(1);
    assertThat(peer.status().drops()).isEmpty();
  }

  private static InetAddress address(String text) {
    return IpPrefix.parse(text).address();
  }

  private int rebind(String to) {
    JsonObject moved = device.ask("rebind " + to);
    assertThat(moved.get("to").getAsInt()).isNotEqualTo(moved.get("from").getAsInt());
    return moved.get("to").getAsInt();
  }

  @Test
  void toAnotherPortAndBackToAnotherAddress() {
    connect("127.0.0.1", "127.0.0.1");
    assertWeFollowTo("127.0.0.1", device.port());
    assertWeFollowTo("127.0.0.1", rebind(""));
    assertWeFollowTo("127.0.0.9", rebind("127.0.0.9"));
    assertWeFollowTo("127.0.0.1", rebind("127.0.0.1"));
    assertThat(peer.moves).hasSize(4);
  }

  @Test
  void inIpv6AndFromThereToIpv4() {
    assumeTrue(hasIpv6Loopback(), "this host has no ::1");
    String loopback = "0:0:0:0:0:0:0:1";
    connect("::1", loopback, "127.0.0.1");
    assertThat(peer.status().endpoint().getAddress()).isInstanceOf(Inet6Address.class);
    assertWeFollowTo(loopback, device.port());
    assertWeFollowTo(loopback, rebind(""));
    device.ask("endpoint 127.0.0.1:" + ours.address(1).getPort());
    assertWeFollowTo("127.0.0.1", rebind("127.0.0.1"));
    device.ask("endpoint [::1]:" + ours.address(0).getPort());
    assertWeFollowTo(loopback, rebind("::1"));
  }

  /** An answer comes from the address that was called, which is how the device knows us. */
  @Test
  void weAnswerFromTheAddressThatWasCalled() {
    connect("127.0.0.1", "127.0.0.1", "127.0.0.7");
    InetSocketAddress second = ours.address(1);
    device.ask("endpoint 127.0.0.7:" + second.getPort());
    assertWeFollowTo("127.0.0.1", device.port());
    assertThat(device.ask("status").get("endpoint").getAsString())
        .isEqualTo("127.0.0.7:" + second.getPort());
    assertThat(peer.moves).as("it is we who have moved").hasSize(1);
  }

  /** Everything that the device has sent, once more from elsewhere: nothing follows from it. */
  @Test
  void aReplayMovesNothing() throws Exception {
    ours = OurEnd.listen("127.0.0.1");
    try (Relay relay = new Relay(ours.address());
        DatagramSocket elsewhere = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      peer =
          ours.add(PeerConfig.of("chip", device.publicKey(), List.of(IpPrefix.parse("10.6.0.2"))));
      device.start(ours.publicKey(), relay.forDevice(), folder);
      assertThat(device.ask("ping 10.6.0.1 20").get("received").getAsInt()).isEqualTo(20);
      ours.settle(relay);
      List<byte[]> all = relay.sent(Relay.Way.TO_US);
      int answers = relay.sent(Relay.Way.TO_DEVICE).size();
      int packets = peer.packets.get();
      long bytes = peer.status().rxBytes();

      for (byte[] datagram : all) {
        elsewhere.send(new DatagramPacket(datagram, datagram.length, ours.address()));
      }
      await().atMost(SOON).until(() -> allDrops() >= all.size());
      ours.settle(relay);
      assertThat(allDrops()).isEqualTo(all.size());
      assertThat(peer.dropped(DropReason.STALE_INITIATION)).isEqualTo(1);
      assertThat(peer.dropped(DropReason.REPLAY)).isEqualTo(all.size() - 1);
      assertThat(peer.packets).hasValue(packets);
      assertThat(peer.status().rxBytes()).isEqualTo(bytes);
      assertThat(peer.status().endpoint()).isEqualTo(relay.forUs());
      assertThat(peer.moves).hasSize(1);
      assertThat(relay.sent(Relay.Way.TO_DEVICE)).hasSize(answers);
      elsewhere.setSoTimeout(1);
      assertThat(receivesNothing(elsewhere)).isTrue();
      peer.send(0, 5);
      assertThat(peer.awaitNumbers(5, SOON)).containsExactly(0, 1, 2, 3, 4);
    }
  }

  private long allDrops() {
    return peer.status().drops().values().stream().mapToLong(Long::longValue).sum();
  }

  private static boolean receivesNothing(DatagramSocket socket) throws Exception {
    try {
      socket.receive(new DatagramPacket(new byte[2048], 2048));
      return false;
    } catch (java.net.SocketTimeoutException e) {
      return true;
    }
  }

  private static boolean hasIpv6Loopback() {
    try (DatagramSocket probe =
        new DatagramSocket(new InetSocketAddress(address("0:0:0:0:0:0:0:1"), 0))) {
      return probe.isBound();
    } catch (SocketException e) {
      return false;
    }
  }
}
