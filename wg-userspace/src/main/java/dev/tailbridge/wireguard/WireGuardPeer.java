package dev.tailbridge.wireguard;

import dev.tailbridge.netstack.PacketLink;
import dev.tailbridge.netstack.PacketReceiver;
import dev.tailbridge.wireguard.protocol.Peer;
import dev.tailbridge.wireguard.protocol.PeerOutput;
import dev.tailbridge.wireguard.protocol.WireGuardCore;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A peer of a {@link WireGuardEndpoint}: what is written leaves encrypted to it, what the receiver
 * gets came authenticated from one of its allowed addresses.
 *
 * <ul>
 *   <li>Without a session up to 128 packets wait, and the first one asks for a session; without an
 *       endpoint packets are dropped.
 *   <li>It is pinned to one event loop of the endpoint, where everything happens and its methods
 *       are called; {@link #status}, {@link #config} and {@link #eventLoop} may be asked from any
 *       thread.
 * </ul>
 */
public final class WireGuardPeer implements PacketLink {

  private final EndpointLoop home;
  private final PeerConfig config;
  private final Peer core;
  private final PeerCounters counters = new PeerCounters();
  private volatile long lastHandshakeEpochMillis;
  private volatile @Nullable InetSocketAddress address;

  private final DeadlineTimer timer;
  private @Nullable PacketReceiver receiver;
  private boolean touched;
  private boolean batchOpen;

  WireGuardPeer(EndpointLoop home, PeerConfig config) {
    this.home = home;
    this.config = config;
    this.address = config.endpoint();
    this.timer = new DeadlineTimer(home.eventLoop(), home.endpoint().pace(), this::expire);
    this.core = home.core().register(config, new Output());
  }

  public PeerConfig config() {
    return config;
  }

  /** A snapshot, from any thread. */
  public PeerStatus status() {
    return new PeerStatus(
        address,
        lastHandshakeEpochMillis,
        counters.rxBytes.getOpaque(),
        counters.txBytes.getOpaque(),
        counters.drops.snapshot(),
        counters.rescues(),
        counters.moves.snapshot());
  }

  @Override
  public EventLoop eventLoop() {
    return home.eventLoop();
  }

  /** {@value WireGuardCore#MTU} bytes. */
  @Override
  public int mtu() {
    return WireGuardCore.MTU;
  }

  @Override
  public void write(ByteBuf packet) {
    home.send(this, packet);
  }

  @Override
  public void flush() {
    home.flush();
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

  /** Sends to this address from now on, until the peer is heard at another one. */
  public void redirect(InetSocketAddress endpoint) {
    core.redirect(endpoint);
    address = endpoint;
  }

  /** The object of the protocol core behind this peer. */
  Peer core() {
    return core;
  }

  EndpointLoop home() {
    return home;
  }

  /** Begins to take part; see {@link WireGuardEndpoint#addPeer}. */
  void start(@Nullable Duration firstCallWithin) {
    act(
        now -> {
          home.core().publish(core);
          if (firstCallWithin == null) {
            core.start(now);
          } else {
            core.startWithin(firstCallWithin.toNanos(), now);
          }
        });
  }

  void send(byte[] packet, int length, long now) {
    core.send(packet, length, now);
    updateTimer(now);
  }

  private void updateTimer(long now) {
    timer.update(core.nextDeadlineNanos(), now);
  }

  /** All that one read brought was handled. */
  void settle(long now) {
    touched = false;
    if (batchOpen) {
      batchOpen = false;
      PacketReceiver to = receiver;
      if (to != null) {
        home.endpoint().guard(to::batchComplete);
      }
    }
    updateTimer(now);
  }

  /** Ends its sessions and wipes its keys. */
  void stop() {
    timer.cancel();
    receiver = null;
    home.core().removePeer(core);
  }

  void countDrop(DropReason reason) {
    counters.drops.count(reason);
  }

  private void expire() {
    act(core::expireTimers);
  }

  private void act(LongConsumer work) {
    home.runAndSettle(
        now -> {
          work.accept(now);
          updateTimer(now);
        });
  }

  @Override
  public String toString() {
    return "WireGuardPeer[" + config.name() + "]";
  }

  /** What the protocol core has for us. */
  private final class Output implements PeerOutput {

    @Override
    public void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket) {
      DropReason refused = home.transmit(datagram, length, destination, socket);
      if (refused != null) {
        dropped(refused);
      } else {
        PeerCounters.add(counters.txBytes, length);
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
      ByteBuf copy = home.allocator().directBuffer(length).writeBytes(packet, 0, length);
      try {
        to.packet(copy);
      } catch (RuntimeException e) {
        home.endpoint().failed(e);
      }
    }

    @Override
    public void received(int datagramLength) {
      PeerCounters.add(counters.rxBytes, datagramLength);
    }

    @Override
    public void touched() {
      if (!touched) {
        touched = true;
        home.touched(WireGuardPeer.this);
      }
    }

    @Override
    public void handshakeCompleted() {
      lastHandshakeEpochMillis = System.currentTimeMillis();
      tell(listener -> listener.handshakeCompleted(WireGuardPeer.this));
    }

    @Override
    public void handshakeAbandoned() {
      tell(listener -> listener.handshakeAbandoned(WireGuardPeer.this));
    }

    @Override
    public void handshakeUnanswered() {
      tell(listener -> listener.handshakeUnanswered(WireGuardPeer.this));
    }

    @Override
    public void endpointChanged(@Nullable InetSocketAddress previous, InetSocketAddress current) {
      address = current;
      counters.moves.count(EndpointChange.of(previous, current));
      tell(listener -> listener.endpointChanged(WireGuardPeer.this, previous, current));
    }

    @Override
    public void dropped(DropReason reason) {
      home.drop(WireGuardPeer.this, reason);
    }

    @Override
    public void staleInitiation(long behindNanos, InetSocketAddress source) {
      tell(listener -> listener.staleInitiation(WireGuardPeer.this, behindNanos, source));
    }

    @Override
    public void clockAhead(long aheadNanos) {
      tell(listener -> listener.clockAhead(WireGuardPeer.this, aheadNanos));
    }

    @Override
    public void handshakesUnconfirmed() {
      tell(listener -> listener.handshakesUnconfirmed(WireGuardPeer.this));
    }

    @Override
    public void reverseSent(InetSocketAddress destination) {
      PeerCounters.add(counters.rescuesSent, 1);
      tell(listener -> listener.reverseHandshakeSent(WireGuardPeer.this, destination));
    }

    @Override
    public void reverseAnswered(long afterNanos) {
      PeerCounters.add(counters.rescuesAnswered, 1);
      tell(listener -> listener.reverseHandshakeAnswered(WireGuardPeer.this, afterNanos));
    }

    @Override
    public void reverseUnanswered() {
      PeerCounters.add(counters.rescuesUnanswered, 1);
      tell(listener -> listener.reverseHandshakeUnanswered(WireGuardPeer.this));
    }

    @Override
    public void reverseSuppressed(ReverseSuppression by) {
      counters.suppressed.count(by);
      tell(listener -> listener.reverseHandshakeSuppressed(WireGuardPeer.this, by));
    }

    private void tell(Consumer<WireGuardListener> event) {
      home.endpoint().tell(event);
    }
  }
}
