package dev.tailbridge.wireguard;

import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.wireguard.protocol.Peer;
import dev.tailbridge.wireguard.protocol.PeerOutput;
import dev.tailbridge.wireguard.protocol.WireGuardCore;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A peer of a {@link WireGuardEndpoint}: what is written leaves encrypted to it, what the receiver
 * gets came authenticated from one of its allowed addresses.
 *
 * <ul>
 *   <li>Without a session up to 128 packets wait, and the first one asks for a session; without an
 *       endpoint packets are dropped.
 *   <li>Everything happens on the endpoint's event loop; {@link #status} and {@link #config} may be
 *       asked from any thread.
 * </ul>
 */
public final class WireGuardPeer implements PacketLink {

  private final WireGuardEndpoint endpoint;
  private final PeerConfig config;
  private final Peer core;
  private final DropCounters drops = new DropCounters();

  /** Single writer: the event loop. */
  private final AtomicLong rxBytes = new AtomicLong();

  private final AtomicLong txBytes = new AtomicLong();
  private volatile long lastHandshakeEpochMillis;
  private volatile @Nullable InetSocketAddress address;

  private final DeadlineTimer timer;
  private @Nullable PacketReceiver receiver;
  private boolean heard;
  private boolean batchOpen;

  WireGuardPeer(WireGuardEndpoint endpoint, PeerConfig config, WireGuardCore core) {
    this.endpoint = endpoint;
    this.config = config;
    this.address = config.endpoint();
    this.core = core.addPeer(config, new Output());
    this.timer = new DeadlineTimer(endpoint.eventLoop(), this::expire);
  }

  public PeerConfig config() {
    return config;
  }

  /** A snapshot, from any thread. */
  public PeerStatus status() {
    return new PeerStatus(
        address,
        lastHandshakeEpochMillis,
        rxBytes.getOpaque(),
        txBytes.getOpaque(),
        drops.snapshot());
  }

  @Override
  public EventLoop eventLoop() {
    return endpoint.eventLoop();
  }

  /** {@value WireGuardCore#MTU} bytes. */
  @Override
  public int mtu() {
    return WireGuardCore.MTU;
  }

  @Override
  public void write(ByteBuf packet) {
    endpoint.send(this, packet);
  }

  @Override
  public void flush() {
    endpoint.flush();
  }

  @Override
  public void receiver(PacketReceiver receiver) {
    this.receiver = receiver;
  }

  /** Sends what waits for a session, else an empty packet; without a session it asks for one. */
  public void sendKeepalive() {
    act(core::sendKeepalive);
  }

  /**
   * Asks the peer for a new session. Nothing happens within five seconds of our last handshake
   * message, or while no endpoint is known.
   */
  public void initiate() {
    act(core::initiate);
  }

  /** The object of the protocol core behind this peer. */
  Peer core() {
    return core;
  }

  void start(long now) {
    core.start(now);
    updateTimer(now);
  }

  void send(byte[] packet, int length, long now) {
    core.send(packet, length, now);
    updateTimer(now);
  }

  void updateTimer(long now) {
    timer.update(core.nextDeadlineNanos(), now);
  }

  /** A datagram of the present read was for this peer; false when another one was before. */
  boolean markHeard() {
    boolean first = !heard;
    heard = true;
    return first;
  }

  /** The last datagram of a read was handled. */
  void readComplete(long now) {
    heard = false;
    if (batchOpen) {
      batchOpen = false;
      PacketReceiver to = receiver;
      if (to != null) {
        endpoint.guard(to::batchComplete);
      }
    }
    updateTimer(now);
  }

  void stop() {
    timer.cancel();
    receiver = null;
  }

  void countDrop(DropReason reason) {
    drops.count(reason);
  }

  private void expire() {
    act(core::expireTimers);
  }

  private void act(LongConsumer work) {
    endpoint.run(
        now -> {
          work.accept(now);
          updateTimer(now);
        });
    endpoint.flush();
  }

  @Override
  public String toString() {
    return "WireGuardPeer[" + config.name() + "]";
  }

  private static void add(AtomicLong counter, long amount) {
    counter.setOpaque(counter.getPlain() + amount);
  }

  /** What the protocol core has for us. */
  private final class Output implements PeerOutput {

    @Override
    public void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket) {
      DropReason refused = endpoint.transmit(datagram, length, destination, socket);
      if (refused != null) {
        dropped(refused);
      } else {
        add(txBytes, length);
      }
    }

    @Override
    public void packet(byte[] packet, int length) {
      PacketReceiver to = receiver;
      if (to == null) {
        dropped(DropReason.NO_RECEIVER);
        return;
      }
      batchOpen = true;
      ByteBuf copy = endpoint.allocator().directBuffer(length).writeBytes(packet, 0, length);
      try {
        to.packet(copy);
      } catch (RuntimeException e) {
        endpoint.failed(e);
      }
    }

    @Override
    public void received(int datagramLength) {
      add(rxBytes, datagramLength);
    }

    @Override
    public void handshakeCompleted() {
      lastHandshakeEpochMillis = System.currentTimeMillis();
      endpoint.tell(listener -> listener.handshakeCompleted(WireGuardPeer.this));
    }

    @Override
    public void handshakeAbandoned() {
      endpoint.tell(listener -> listener.handshakeAbandoned(WireGuardPeer.this));
    }

    @Override
    public void endpointChanged(@Nullable InetSocketAddress previous, InetSocketAddress current) {
      address = current;
      endpoint.tell(listener -> listener.endpointChanged(WireGuardPeer.this, previous, current));
    }

    @Override
    public void dropped(DropReason reason) {
      endpoint.drop(WireGuardPeer.this, reason);
    }

    @Override
    public void reverseSent(InetSocketAddress destination) {
      endpoint.tell(listener -> listener.reverseHandshakeSent(WireGuardPeer.this, destination));
    }

    @Override
    public void reverseAnswered(long afterNanos) {
      endpoint.tell(listener -> listener.reverseHandshakeAnswered(WireGuardPeer.this, afterNanos));
    }

    @Override
    public void reverseUnanswered() {
      endpoint.tell(listener -> listener.reverseHandshakeUnanswered(WireGuardPeer.this));
    }

    @Override
    public void reverseSuppressed(ReverseSuppression by) {
      endpoint.tell(listener -> listener.reverseHandshakeSuppressed(WireGuardPeer.this, by));
    }
  }
}
