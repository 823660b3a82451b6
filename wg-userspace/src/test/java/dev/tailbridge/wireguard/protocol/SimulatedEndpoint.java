package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.testing.BadWire;
import dev.tailbridge.testing.SeededSecureRandom;
import dev.tailbridge.testing.VirtualClock;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.ReverseSuppression;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.TimestampSource;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A core with one peer, on a wire and a clock in memory; remembers all that came out of it. */
final class SimulatedEndpoint implements CoreOutput, PeerOutput, HandshakeWorkers {

  private static final int SOCKET = 0;

  final VirtualClock clock;
  final BadWire wire;
  final PrivateKey key;
  final InterfaceState shared;
  final WireGuardCore core;
  HandshakeWorkers workers;
  InetSocketAddress address;
  Peer peer;

  final List<byte[]> packets = new ArrayList<>();
  final List<DropReason> drops = new ArrayList<>();
  final List<PublicKey> unknownKeys = new ArrayList<>();
  final List<InetSocketAddress> endpoints = new ArrayList<>();
  final List<InetSocketAddress> reverses = new ArrayList<>();
  final List<Long> reverseAnswers = new ArrayList<>();
  final List<ReverseSuppression> suppressions = new ArrayList<>();
  final List<Long> clocksBehind = new ArrayList<>();
  final List<Long> clocksAhead = new ArrayList<>();
  final List<InetSocketAddress> wrongMacs = new ArrayList<>();
  final List<Boolean> cookieModes = new ArrayList<>();
  int unconfirmed;
  int reversesUnanswered;
  int lastSocket = -1;
  int handshakes;
  int abandoned;

  private long watched = Constants.NEVER;

  /** Does handshake mathematics, in {@link #act}; at once unless a test says otherwise. */
  Consumer<LongConsumer> mathematics = this::act;

  SimulatedEndpoint(VirtualClock clock, BadWire wire, InetSocketAddress address, long seed) {
    this(clock, wire, address, PrivateKey.generate(new SeededSecureRandom(seed)), seed, 0);
  }

  /**
   * With this key.
   *
   * @param clockBehindNanos how much its wall clock is behind
   */
  SimulatedEndpoint(
      VirtualClock clock,
      BadWire wire,
      InetSocketAddress address,
      PrivateKey key,
      long seed,
      long clockBehindNanos) {
    this.clock = clock;
    this.wire = wire;
    this.address = address;
    this.key = key;
    this.shared =
        new InterfaceState(
            CryptoProviders.bouncyCastle(),
            key,
            new SeededSecureRandom(seed + 1000),
            new TimestampSource(() -> clock.unixNanos() - clockBehindNanos, 0),
            this,
            1);
    this.core = new WireGuardCore(shared, 0, this);
    wire.attach(address, this::receive);
  }

  void peer(PeerConfig config) {
    peer = addPeer(config);
    act(peer::start);
  }

  /** Another peer, whose deadlines nobody looks after. */
  Peer addPeer(PeerConfig config) {
    Peer added = core.register(config, this);
    core.publish(added);
    return added;
  }

  /** By {@link #mathematics}, at once by default, unless the test has workers of its own. */
  @Override
  public void execute(LongConsumer work) {
    if (workers == null) {
      mathematics.accept(work);
    } else {
      workers.execute(work);
    }
  }

  @Override
  public void executeFirst(LongConsumer work) {
    if (workers == null) {
      mathematics.accept(work);
    } else {
      workers.executeFirst(work);
    }
  }

  @Override
  public void resume(LongConsumer work) {
    work.accept(clock.nowNanos());
  }

  @Override
  public void touched() {}

  void receive(byte[] datagram, InetSocketAddress from) {
    byte[] buffer = Arrays.copyOf(datagram, WireGuardCore.MAX_DATAGRAM_BYTES);
    act(now -> core.receive(buffer, datagram.length, from, SOCKET, now));
  }

  void send(byte[] packet) {
    act(now -> peer.send(packet.clone(), packet.length, now));
  }

  void act(LongConsumer work) {
    work.accept(clock.nowNanos());
    watchDeadline();
  }

  /** A wake-up that a later event has made needless does no harm. */
  private void watchDeadline() {
    long deadline = peer == null ? Constants.NEVER : peer.nextDeadlineNanos();
    if (deadline != Constants.NEVER && deadline != watched) {
      watched = deadline;
      clock.at(
          deadline,
          () -> {
            if (peer.nextDeadlineNanos() <= clock.nowNanos()) {
              act(peer::expireTimers);
            }
          });
    }
  }

  /** Moves to another address, as a device behind another NAT port does. */
  void move(InetSocketAddress to) {
    wire.detach(address);
    address = to;
    wire.attach(to, this::receive);
  }

  KeypairSlots keypairs() {
    return peer.transport.keypairs;
  }

  @Override
  public void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket) {
    lastSocket = socket;
    wire.send(address, destination, Arrays.copyOf(datagram, length));
  }

  @Override
  public void packet(byte[] packet, int length) {
    packets.add(Arrays.copyOf(packet, length));
  }

  @Override
  public void received(int datagramLength) {}

  @Override
  public void handshakeCompleted() {
    handshakes++;
  }

  @Override
  public void handshakeAbandoned() {
    abandoned++;
  }

  @Override
  public void endpointChanged(InetSocketAddress previous, InetSocketAddress current) {
    endpoints.add(current);
  }

  @Override
  public void dropped(DropReason reason) {
    drops.add(reason);
  }

  @Override
  public void reverseSent(InetSocketAddress destination) {
    reverses.add(destination);
  }

  @Override
  public void reverseAnswered(long afterNanos) {
    reverseAnswers.add(afterNanos);
  }

  @Override
  public void reverseUnanswered() {
    reversesUnanswered++;
  }

  @Override
  public void reverseSuppressed(ReverseSuppression by) {
    suppressions.add(by);
  }

  @Override
  public void unknownKey(PublicKey unknown, InetSocketAddress source) {
    unknownKeys.add(unknown);
  }

  @Override
  public void staleInitiation(long behindNanos, InetSocketAddress source) {
    clocksBehind.add(behindNanos);
  }

  @Override
  public void clockAhead(long aheadNanos) {
    clocksAhead.add(aheadNanos);
  }

  @Override
  public void handshakesUnconfirmed() {
    unconfirmed++;
  }

  @Override
  public void wrongMac1(InetSocketAddress source) {
    wrongMacs.add(source);
  }

  @Override
  public void cookieMode(boolean on) {
    cookieModes.add(on);
  }
}
