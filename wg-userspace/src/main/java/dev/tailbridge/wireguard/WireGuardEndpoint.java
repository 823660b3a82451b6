package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.TimestampSource;
import dev.tailbridge.wireguard.protocol.InterfaceState;
import dev.tailbridge.wireguard.protocol.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WireGuard interface on UDP sockets: one private key, any number of peers, one or more event
 * loops.
 *
 * <pre>{@code
 * WireGuardEndpoint endpoint =
 *     WireGuardEndpoint.builder(privateKey, loops).listen(List.of(address)).build();
 * endpoint.bind().sync();
 * endpoint.addPeer(config, peer -> peer.receiver(receiver));
 * }</pre>
 *
 * <ul>
 *   <li>Its own methods may be called from any thread. Each peer is pinned to one of the loops,
 *       where its packets are received and must be written.
 *   <li>Each loop has a socket of its own per address, and the kernel brings data to the loop where
 *       its peer lives. Handshake mathematics is done on threads apart from the loops.
 *   <li>An answer leaves from the address on which its peer was last heard. On a host with several
 *       addresses listen on each of them, so that an answer's source is the address that was
 *       called.
 *   <li>Outer packets are not marked and inner ones inherit nothing: no DSCP or ECN bits are
 *       copied.
 * </ul>
 */
public final class WireGuardEndpoint {

  private static final Logger log = LoggerFactory.getLogger(WireGuardEndpoint.class);

  /** Loops are named by the low bits of an index. */
  private static final int MAX_LOOPS = 256;

  private final List<InetSocketAddress> listen;
  private final boolean leaveOutMissingFamily;
  private final WireGuardListener listener;
  private final TimestampSource timestamps;
  private final HandshakeThreads handshakes;
  private final InterfaceState shared;
  private final List<EndpointLoop> loops = new ArrayList<>();
  private final Map<Peer, WireGuardPeer> peers = new ConcurrentHashMap<>();
  private final AtomicInteger added = new AtomicInteger();
  private final long originNanos = System.nanoTime();
  private final int pace;
  private final boolean steered;
  private volatile List<InetSocketAddress> localAddresses = List.of();
  private volatile boolean closed;

  WireGuardEndpoint(WireGuardEndpointBuilder builder) {
    List<EventLoop> usable = usable(builder.loops);
    this.listen = builder.listen;
    this.leaveOutMissingFamily = builder.leaveOutMissingFamily;
    this.listener = builder.listener;
    this.pace = builder.pace;
    this.steered = builder.steered;
    this.timestamps = new TimestampSource(WireGuardEndpoint::unixNanos, builder.timestampFloor);
    this.handshakes = new HandshakeThreads(builder.handshakeThreads, this::nowNanos);
    this.shared =
        new InterfaceState(
            builder.crypto == null ? fastest() : builder.crypto,
            builder.privateKey,
            builder.random,
            timestamps,
            handshakes,
            usable.size());
    boolean segmentation = UdpSocket.isEpoll(usable.get(0)) && SegmentationOffload.works();
    for (EventLoop loop : usable) {
      loops.add(new EndpointLoop(this, loop, shared, loops.size(), segmentation));
    }
  }

  private static CryptoProvider fastest() {
    CryptoProviders.Selection selection = CryptoProviders.auto();
    selection.warnings().forEach(log::warn);
    return selection.provider();
  }

  /** As many loops of the group as a power of two allows; one when they cannot share an address. */
  private static List<EventLoop> usable(EventLoopGroup group) {
    List<EventLoop> all = new ArrayList<>();
    for (EventExecutor loop : group) {
      all.add((EventLoop) loop);
    }
    int count = UdpSocket.isEpoll(all.get(0)) ? Math.min(all.size(), MAX_LOOPS) : 1;
    return all.subList(0, Integer.highestOneBit(count));
  }

  /**
   * An endpoint with this key, whose work is done on the event loops of a group: the greatest power
   * of two of them, and one alone where they are not epoll's. A single {@link EventLoop} is a group
   * too.
   */
  public static WireGuardEndpointBuilder builder(PrivateKey privateKey, EventLoopGroup loops) {
    return new WireGuardEndpointBuilder(privateKey, loops);
  }

  /**
   * Opens the sockets. Call it once, before adding peers.
   *
   * @return fails with a {@link ListenException} that names the address; no socket is open then
   */
  public Future<Void> bind() {
    Promise<Void> promise = first().newPromise();
    Promise<List<InetSocketAddress>> bound = first().newPromise();
    bound.addListener(
        done -> {
          if (done.isSuccess()) {
            localAddresses = bound.getNow();
            promise.setSuccess(null);
          } else {
            promise.setFailure(done.cause());
          }
        });
    first().execute(() -> SocketBinder.bind(loops, listen, leaveOutMissingFamily, steered, bound));
    return promise;
  }

  /** Where this endpoint listens, with the real port where 0 was asked for. */
  public List<InetSocketAddress> localAddresses() {
    return localAddresses;
  }

  /** The event loops that are used, in the order of the group. */
  public List<EventLoop> eventLoops() {
    return loops.stream().map(EndpointLoop::eventLoop).toList();
  }

  /** As {@link #addPeer(PeerConfig, Consumer)}, with nothing to set up. */
  public WireGuardPeer addPeer(PeerConfig config) {
    return addPeer(config, peer -> {});
  }

  /**
   * Adds a peer, pinned to one of the loops. Its allowed addresses move to it from peers that had
   * exactly the same ones. A peer with a keepalive and an endpoint is called at once.
   *
   * @param setUp runs on the peer's loop, before anything is sent to or received from it
   * @throws IllegalArgumentException when the key is our own or that of another peer
   * @throws IllegalStateException when the endpoint is closed
   */
  public WireGuardPeer addPeer(PeerConfig config, Consumer<WireGuardPeer> setUp) {
    return add(config, null, setUp);
  }

  /**
   * Adds a peer whose endpoint is remembered from before a restart. It cannot know that its session
   * is gone, so it is called, at a random time within a spread, unless it is heard before.
   *
   * @param firstCallWithin long enough for the answers of all such peers; at least two seconds and
   *     one for 200 peers is good
   */
  public WireGuardPeer addPeer(
      PeerConfig config, Duration firstCallWithin, Consumer<WireGuardPeer> setUp) {
    return add(config, firstCallWithin, setUp);
  }

  private WireGuardPeer add(
      PeerConfig config, @Nullable Duration firstCallWithin, Consumer<WireGuardPeer> setUp) {
    if (closed) {
      throw new IllegalStateException("This endpoint is closed: peer " + config.name());
    }
    EndpointLoop home = loops.get(Math.floorMod(added.getAndIncrement(), loops.size()));
    WireGuardPeer peer = new WireGuardPeer(home, config);
    peers.put(peer.core(), peer);
    home.run(
        () -> {
          if (peers.containsKey(peer.core())) {
            guard(() -> setUp.accept(peer));
            peer.start(firstCallWithin);
          }
        });
    return peer;
  }

  /**
   * Ends a peer's sessions and wipes its keys; what is written to it later is dropped. Its key and
   * its addresses may be another peer's as soon as this returns.
   */
  public void removePeer(WireGuardPeer peer) {
    if (peers.remove(peer.core(), peer)) {
      shared.withdraw(peer.core());
      peer.home().run(peer::stop);
    }
  }

  /**
   * Sends an IP packet to the peer that its destination belongs to; takes the buffer over. Call it
   * on one of the loops; where the peer lives on another one, the packet goes on there in the order
   * of the calls, and is flushed.
   */
  public void write(ByteBuf packet) {
    EndpointLoop here = here();
    Peer to = here.route(packet);
    WireGuardPeer peer = to == null ? null : peers.get(to);
    if (peer == null) {
      packet.release();
      here.drop(null, DropReason.NO_ROUTE);
    } else if (peer.home() == here) {
      peer.write(packet);
    } else {
      peer.home()
          .run(
              () -> {
                peer.write(packet);
                peer.flush();
              });
    }
  }

  /** Sends what was written on this loop, to this endpoint or to any of its peers. */
  public void flush() {
    here().flush();
  }

  private EndpointLoop here() {
    for (EndpointLoop loop : loops) {
      if (loop.eventLoop().inEventLoop()) {
        return loop;
      }
    }
    throw new IllegalStateException(
        "Call this on one of the endpoint's event loops: loop.execute(() -> …)");
  }

  /** All drops for this reason, those of peers included. */
  public long dropped(DropReason reason) {
    return loops.stream().mapToLong(loop -> loop.drops().get(reason)).sum();
  }

  /**
   * Datagrams that came in on another event loop than their peer's and had to be handed over, which
   * costs. It stays near zero where the kernel steers them.
   */
  public long handedOver() {
    return loops.stream().mapToLong(loop -> loop.core().handedOver()).sum();
  }

  /**
   * What to store at least every two minutes, and to give to {@link
   * WireGuardEndpointBuilder#timestampFloor} at the next start: peers that stayed up accept only
   * handshakes with greater timestamps.
   *
   * @return nanoseconds since 1970
   */
  public long timestampFloor() {
    return timestamps.floor();
  }

  /** Closes the sockets, forgets all peers and wipes the keys. */
  public Future<Void> close() {
    closed = true;
    List.copyOf(peers.values()).forEach(this::removePeer);
    handshakes.close();
    Promise<Void> promise = first().newPromise();
    AtomicInteger open = new AtomicInteger(loops.size());
    for (EndpointLoop loop : loops) {
      // Behind the removals, so that nothing is left that could want a socket or a key.
      loop.eventLoop()
          .execute(
              () ->
                  loop.sockets()
                      .close(loop.eventLoop())
                      .addListener(
                          done -> {
                            if (open.decrementAndGet() == 0) {
                              localAddresses = List.of();
                              shared.wipe();
                              promise.setSuccess(null);
                            }
                          }));
    }
    return promise;
  }

  private EventLoop first() {
    return loops.get(0).eventLoop();
  }

  /** The time of the protocol. */
  long nowNanos() {
    return (System.nanoTime() - originNanos) * pace;
  }

  /** How many seconds of the protocol's time are a second: 1, but for tests. */
  int pace() {
    return pace;
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

  private static long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
