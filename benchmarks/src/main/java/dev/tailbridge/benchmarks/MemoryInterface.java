package dev.tailbridge.benchmarks;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.ReverseSuppression;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.TimestampSource;
import dev.tailbridge.wireguard.protocol.CoreOutput;
import dev.tailbridge.wireguard.protocol.HandshakeWorkers;
import dev.tailbridge.wireguard.protocol.InterfaceState;
import dev.tailbridge.wireguard.protocol.Peer;
import dev.tailbridge.wireguard.protocol.PeerOutput;
import dev.tailbridge.wireguard.protocol.WireGuardCore;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The protocol core with one peer and neither socket nor clock: the time is {@link #now}.
 *
 * <p>Until {@link #discard} is called it keeps what came out; from then on it only counts, so that
 * a measurement holds nothing but the core.
 */
public final class MemoryInterface implements CoreOutput, PeerOutput {

  public final PrivateKey key;
  public final WireGuardCore core;

  /** Nanoseconds; may only grow. */
  public long now = 1;

  /** Datagrams and packets that came out since {@link #discard}. */
  public long count;

  private final InetSocketAddress address;
  private final Queue<byte[]> datagrams = new ArrayDeque<>();
  private @Nullable Peer peer;
  private boolean discards;

  public MemoryInterface(CryptoProvider crypto, InetSocketAddress address) {
    this.address = address;
    SecureRandom random = new SecureRandom();
    this.key = PrivateKey.generate(random);
    TimestampSource timestamps = new TimestampSource(() -> now, 0);
    this.core =
        new WireGuardCore(
            new InterfaceState(crypto, key, random, timestamps, new Inline(), 1), 0, this);
  }

  /** The one peer; the endpoint is null where it is waited for. */
  public void addPeer(PublicKey remote, String allowed, @Nullable InetSocketAddress endpoint) {
    peer =
        core.register(
            PeerConfig.of("peer", remote, List.of(IpPrefix.parse(allowed))).withEndpoint(endpoint),
            this);
    core.publish(peer);
    peer.start(now);
  }

  /** Two interfaces in session: the device initiated, and both may send. */
  public static void connect(MemoryInterface server, MemoryInterface device) {
    device.peer().initiate(device.now);
    server.receive(device.takeDatagram(), device.address);
    device.receive(server.takeDatagram(), server.address);
    server.receive(device.takeDatagram(), device.address);
  }

  public Peer peer() {
    if (peer == null) {
      throw new IllegalStateException("add the peer first");
    }
    return peer;
  }

  public void receive(byte[] datagram, InetSocketAddress source) {
    core.receive(datagram, datagram.length, source, 0, now);
  }

  /** The datagram that a packet becomes. */
  public byte[] seal(byte[] packet) {
    peer().send(packet, packet.length, now);
    return takeDatagram();
  }

  public byte[] takeDatagram() {
    return datagrams.remove();
  }

  /** Keeps nothing from here on. */
  public void discard() {
    discards = true;
    datagrams.clear();
    count = 0;
  }

  @Override
  public void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket) {
    count++;
    if (!discards) {
      datagrams.add(Arrays.copyOf(datagram, length));
    }
  }

  @Override
  public void packet(byte[] packet, int length) {
    count++;
  }

  @Override
  public void resume(LongConsumer work) {
    work.accept(now);
  }

  @Override
  public void touched() {}

  @Override
  public void received(int datagramLength) {}

  @Override
  public void handshakeCompleted() {}

  @Override
  public void handshakeAbandoned() {}

  @Override
  public void endpointChanged(@Nullable InetSocketAddress previous, InetSocketAddress current) {}

  /** A benchmark in which something is dropped measures something else than it says. */
  @Override
  public void dropped(DropReason reason) {
    throw new IllegalStateException("dropped: " + reason);
  }

  @Override
  public void reverseSent(InetSocketAddress destination) {}

  @Override
  public void reverseAnswered(long afterNanos) {}

  @Override
  public void reverseUnanswered() {}

  @Override
  public void reverseSuppressed(ReverseSuppression by) {}

  @Override
  public void unknownKey(PublicKey unknown, InetSocketAddress source) {}

  /** Handshakes are done at once. */
  private final class Inline implements HandshakeWorkers {

    @Override
    public void execute(LongConsumer mathematics) {
      mathematics.accept(now);
    }

    @Override
    public void executeFirst(LongConsumer mathematics) {
      mathematics.accept(now);
    }
  }
}
