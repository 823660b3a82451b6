package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.testing.BadWire;
import dev.tailbridge.testing.BadWire.Datagram;
import dev.tailbridge.testing.VirtualClock;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** Two endpoints that are each other's peer: ours at 10.6.0.1, the device's at 10.6.0.2. */
final class Pair {

  static final InetSocketAddress SERVER = address(1, 51820);
  static final InetSocketAddress DEVICE = address(2, 40000);
  static final InetSocketAddress ELSEWHERE = address(3, 40001);

  final VirtualClock clock = new VirtualClock();
  final BadWire wire;
  final SimulatedEndpoint server;
  final SimulatedEndpoint device;
  PresharedKey serverPsk;
  PresharedKey devicePsk;
  StaleInitiations staleInitiations = StaleInitiations.REVERSE;
  Duration serverKeepalive = Duration.ZERO;
  Duration deviceKeepalive = Duration.ZERO;

  Pair(long seed) {
    wire = new BadWire(clock, seed);
    server = new SimulatedEndpoint(clock, wire, SERVER, seed + 1);
    device = new SimulatedEndpoint(clock, wire, DEVICE, seed + 2);
  }

  /** The server waits for the device unless told where it is. */
  Pair peers(InetSocketAddress deviceAsConfigured) {
    server.peer(
        PeerConfig.of("device", device.key.publicKey(), List.of(IpPrefix.parse("10.6.0.2/32")))
            .withPresharedKey(serverPsk)
            .withPersistentKeepalive(serverKeepalive)
            .withStaleInitiations(staleInitiations)
            .withEndpoint(deviceAsConfigured));
    device.peer(
        PeerConfig.of("server", server.key.publicKey(), List.of(IpPrefix.parse("10.6.0.0/24")))
            .withPresharedKey(devicePsk)
            .withPersistentKeepalive(deviceKeepalive)
            .withEndpoint(SERVER));
    return this;
  }

  /** A fresh pair in session: the device initiated, both are confirmed, the wire is empty. */
  static Pair inSession(long seed) {
    Pair pair = new Pair(seed).peers(null);
    pair.connect();
    return pair;
  }

  void connect() {
    device.act(device.peer::initiate);
    clock.advance(Duration.ofMillis(100));
    wire.takeSent();
  }

  /** What was sent since the last question, by its sender. */
  static List<Datagram> from(InetSocketAddress sender, List<Datagram> sent) {
    return sent.stream().filter(datagram -> datagram.from().equals(sender)).toList();
  }

  static byte[] toServer(int number) {
    return packet(2, 1, number);
  }

  static byte[] toDevice(int number) {
    return packet(1, 2, number);
  }

  /** A 24-byte IPv4 packet within 10.6.0.0/24. */
  static byte[] packet(int source, int destination, int number) {
    String hex =
        String.format(
            "4500001800000000401100000a0600%02x0a0600%02x%08x", source, destination, number);
    return HexFormat.of().parseHex(hex);
  }

  static int number(byte[] packet) {
    return Integer.parseUnsignedInt(HexFormat.of().formatHex(packet, 20, 24), 16);
  }

  private static InetSocketAddress address(int host, int port) {
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) host}), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
