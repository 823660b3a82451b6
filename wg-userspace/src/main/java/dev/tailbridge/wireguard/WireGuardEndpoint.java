package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.crypto.TimestampSource;
import dev.tailbridge.wireguard.protocol.CoreOutput;
import dev.tailbridge.wireguard.protocol.Peer;
import dev.tailbridge.wireguard.protocol.WireGuardCore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WireGuard interface on UDP sockets: one private key, any number of peers, one event loop.
 *
 * <pre>{@code
 * WireGuardEndpoint endpoint =
 *     WireGuardEndpoint.builder(privateKey, loop).listen(List.of(address)).build();
 * endpoint.bind().sync();
 * loop.submit(() -> endpoint.addPeer(config).receiver(receiver)).sync();
 * }</pre>
 *
 * <ul>
 *   <li>{@link #bind}, {@link #close}, {@link #localAddresses}, {@link #dropped} and {@link
 *       #timestampFloor} may be called from any thread, everything else on the event loop only.
 *   <li>An answer leaves from the socket on which its peer was last heard. On a host with several
 *       addresses listen on each of them, so that an answer's source is the address that was
 *       called.
 *   <li>Outer packets are not marked and inner ones inherit nothing: no DSCP or ECN bits are
 *       copied.
 * </ul>
 */
public final class WireGuardEndpoint {

  private static final Logger log = LoggerFactory.getLogger(WireGuardEndpoint.class);

  private final EventLoop loop;
  private final List<InetSocketAddress> listen;
  private final boolean leaveOutMissingFamily;
  private final WireGuardListener listener;
  private final TimestampSource timestamps;
  private final WireGuardCore core;
  private final UdpSockets sockets;
  private final DropCounters drops = new DropCounters();
  private final Map<Peer, WireGuardPeer> peers = new HashMap<>();
  private final long originNanos = System.nanoTime();

  private final byte[] incoming = new byte[WireGuardCore.MAX_DATAGRAM_BYTES];
  private final byte[] outgoing = new byte[WireGuardCore.MAX_DATAGRAM_BYTES];

  /** Peers that this read brought something for. */
  private final List<WireGuardPeer> heard = new ArrayList<>();

  /** Above zero while the core is at work: no peer may vanish under it. */
  private int depth;

  private boolean closed;

  private WireGuardEndpoint(Builder builder) {
    this.loop = builder.loop;
    this.listen = builder.listen;
    this.leaveOutMissingFamily = builder.leaveOutMissingFamily;
    this.listener = builder.listener;
    this.timestamps = new TimestampSource(WireGuardEndpoint::unixNanos, builder.timestampFloor);
    this.core = new WireGuardCore(builder.privateKey, builder.random, timestamps, new Output());
    this.sockets = new UdpSockets(this, loop);
  }

  /** An endpoint with this key, all of whose work is done on {@code loop}. */
  public static Builder builder(PrivateKey privateKey, EventLoop loop) {
    return new Builder(privateKey, loop);
  }

  /**
   * Opens the sockets. Call it once, before adding peers.
   *
   * @return fails with a {@link ListenException} that names the address; no socket is open then
   */
  public Future<Void> bind() {
    Promise<Void> promise = loop.newPromise();
    loop.execute(() -> sockets.bind(listen, leaveOutMissingFamily, promise));
    return promise;
  }

  /** Where this endpoint listens, with the real port where 0 was asked for. */
  public List<InetSocketAddress> localAddresses() {
    return sockets.localAddresses();
  }

  /**
   * Adds a peer. Its allowed addresses move to it from peers that had exactly the same ones. A peer
   * with a keepalive and an endpoint is called at once.
   *
   * @throws IllegalArgumentException when the key is our own or that of another peer
   */
  public WireGuardPeer addPeer(PeerConfig config) {
    checkLoop();
    if (closed) {
      throw new IllegalStateException("This endpoint is closed: peer " + config.name());
    }
    WireGuardPeer peer = new WireGuardPeer(this, config, core);
    peers.put(peer.core(), peer);
    run(peer::start);
    flush();
    return peer;
  }

  /** Ends a peer's sessions and wipes its keys; what is written to it later is dropped. */
  public void removePeer(WireGuardPeer peer) {
    checkLoop();
    if (depth > 0) {
      loop.execute(() -> removePeer(peer));
    } else if (peers.remove(peer.core()) != null) {
      peer.stop();
      core.removePeer(peer.core());
    }
  }

  /** Sends an IP packet to the peer that its destination belongs to; takes the buffer over. */
  public void write(ByteBuf packet) {
    int length = take(packet);
    if (length < 0) {
      drop(null, DropReason.PACKET_TOO_BIG);
      return;
    }
    Peer to = core.route(outgoing, length);
    WireGuardPeer peer = to == null ? null : peers.get(to);
    if (peer == null) {
      drop(null, DropReason.NO_ROUTE);
    } else {
      send(peer, length);
    }
  }

  /** Sends what was written to this endpoint or to any of its peers. */
  public void flush() {
    sockets.flush();
  }

  /** All drops for this reason, those of peers included. */
  public long dropped(DropReason reason) {
    return drops.get(reason);
  }

  /**
   * What to store at least every two minutes, and to give to {@link Builder#timestampFloor} at the
   * next start: peers that stayed up accept only handshakes with greater timestamps.
   *
   * @return nanoseconds since 1970
   */
  public long timestampFloor() {
    return timestamps.floor();
  }

  /** Closes the sockets, forgets all peers and wipes the keys. */
  public Future<Void> close() {
    Promise<Void> promise = loop.newPromise();
    loop.execute(
        () -> {
          closed = true;
          List.copyOf(peers.values()).forEach(this::removePeer);
          core.close();
          sockets.close().addListener(done -> promise.setSuccess(null));
        });
    return promise;
  }

  EventLoop eventLoop() {
    return loop;
  }

  ByteBufAllocator allocator() {
    return PooledByteBufAllocator.DEFAULT;
  }

  void send(WireGuardPeer peer, ByteBuf packet) {
    int length = take(packet);
    if (length < 0) {
      drop(peer, DropReason.PACKET_TOO_BIG);
    } else {
      send(peer, length);
    }
  }

  private void send(WireGuardPeer peer, int length) {
    long now = enter();
    try {
      peer.send(outgoing, length, now);
    } finally {
      leave();
    }
  }

  /** Moves a packet into the scratch array and releases it; -1 when it is too big. */
  private int take(ByteBuf packet) {
    checkLoop();
    int length = packet.readableBytes();
    boolean fits = length <= WireGuardCore.MTU;
    if (fits) {
      packet.readBytes(outgoing, 0, length);
    }
    packet.release();
    return fits ? length : -1;
  }

  @Nullable DropReason transmit(
      byte[] datagram, int length, InetSocketAddress destination, int socket) {
    return sockets.transmit(datagram, length, destination, socket);
  }

  void receive(ByteBuf datagram, InetSocketAddress source, int socket) {
    int length = Math.min(datagram.readableBytes(), incoming.length);
    datagram.readBytes(incoming, 0, length);
    long now = enter();
    try {
      Peer to = core.receive(incoming, length, source, socket, now);
      WireGuardPeer peer = to == null ? null : peers.get(to);
      if (peer != null && peer.markHeard()) {
        heard.add(peer);
      }
    } finally {
      leave();
    }
  }

  /** One read of a socket is done: everybody who got something hears of it, then all is sent. */
  void readComplete() {
    run(
        now -> {
          for (int i = 0; i < heard.size(); i++) {
            heard.get(i).readComplete(now);
          }
          heard.clear();
        });
    flush();
  }

  /** Does something with the core, at the time of now. */
  void run(LongConsumer work) {
    long now = enter();
    try {
      work.accept(now);
    } finally {
      leave();
    }
  }

  /** Begins work with the core, to be ended by {@link #leave}; returns the time of now. */
  private long enter() {
    checkLoop();
    depth++;
    return System.nanoTime() - originNanos;
  }

  private void leave() {
    depth--;
  }

  void drop(@Nullable WireGuardPeer peer, DropReason reason) {
    drops.count(reason);
    if (peer != null) {
      peer.countDrop(reason);
    }
    tell(to -> to.dropped(peer, reason));
  }

  void tell(Consumer<WireGuardListener> event) {
    guard(() -> event.accept(listener));
  }

  /** Calls code that is not ours: its exceptions must not end the work on a datagram. */
  void guard(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  void failed(RuntimeException e) {
    log.error("A WireGuard listener or packet receiver failed; the packet is lost", e);
  }

  private void checkLoop() {
    if (!loop.inEventLoop()) {
      throw new IllegalStateException(
          "Call this on the endpoint's event loop: loop.execute(() -> …)");
    }
  }

  private static long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private final class Output implements CoreOutput {

    @Override
    public void dropped(DropReason reason) {
      drop(null, reason);
    }

    @Override
    public void unknownKey(PublicKey key, InetSocketAddress source) {
      tell(to -> to.unknownKey(key, source));
    }
  }

  /** How an endpoint is to be. */
  public static final class Builder {

    private final PrivateKey privateKey;
    private final EventLoop loop;
    private List<InetSocketAddress> listen = List.of(new InetSocketAddress("0.0.0.0", 0));
    private boolean leaveOutMissingFamily;
    private WireGuardListener listener = new WireGuardListener() {};
    private SecureRandom random = new SecureRandom();
    private long timestampFloor;

    private Builder(PrivateKey privateKey, EventLoop loop) {
      this.privateKey = privateKey;
      this.loop = loop;
    }

    /** Addresses to listen on, resolved; left out, all of IPv4 on a free port. */
    public Builder listen(List<InetSocketAddress> addresses) {
      if (addresses.isEmpty() || addresses.stream().anyMatch(InetSocketAddress::isUnresolved)) {
        throw new IllegalArgumentException("Give at least one listen address, and no names");
      }
      this.listen = List.copyOf(addresses);
      return this;
    }

    /**
     * Whether an address whose family (in practice IPv6) this host lacks is left out without an
     * error, as long as another one can be bound; {@link WireGuardEndpoint#localAddresses} tells.
     */
    public Builder leaveOutMissingFamily(boolean leaveOut) {
      this.leaveOutMissingFamily = leaveOut;
      return this;
    }

    public Builder listener(WireGuardListener listener) {
      this.listener = listener;
      return this;
    }

    /** Must not block; {@code new SecureRandom()} does not on Linux. */
    public Builder random(SecureRandom random) {
      this.random = random;
      return this;
    }

    /** What {@link WireGuardEndpoint#timestampFloor} said before the last stop. */
    public Builder timestampFloor(long unixNanos) {
      this.timestampFloor = unixNanos;
      return this;
    }

    public WireGuardEndpoint build() {
      return new WireGuardEndpoint(this);
    }
  }
}
