package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_TIMEOUT;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.StaleInitiations;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One peer: its handshakes, its sessions, its timers, and where it was last heard.
 *
 * <p>Whoever drives it calls {@link #expireTimers} when {@link #nextDeadlineNanos} is reached, and
 * looks at that deadline again after every call of anything here.
 */
public final class Peer {

  /** The socket number of an endpoint that was configured, not heard. */
  public static final int ANY_SOCKET = -1;

  final PeerOutput output;
  final PeerHandshakes handshakes;
  final PeerMathematics mathematics;
  final PeerTransport transport;
  final ReverseHandshake reverse;

  /** Null for peers whose stale initiations are not to be answered. */
  final @Nullable TentativeHandshakes tentative;

  private final PeerConfig config;
  private final WireGuardCore core;
  private final PeerTimers timers;
  private @Nullable InetSocketAddress endpoint;
  private int socket = ANY_SOCKET;
  private final AtomicLong lastCallBack = new AtomicLong(NEVER);

  /** Set from any thread; its keys are wiped soon after, on its own. */
  private volatile boolean removed;

  Peer(WireGuardCore core, PeerConfig config, PeerOutput output) {
    this.core = core;
    this.config = config;
    this.output = output;
    this.endpoint = config.endpoint();
    PresharedKey presharedKey = config.presharedKey();
    this.timers = new PeerTimers(core.shared.random, config.persistentKeepalive().toNanos());
    this.transport = new PeerTransport(this, core, timers);
    StaleInitiations choice = config.staleInitiations();
    this.reverse = new ReverseHandshake(this, core, choice == StaleInitiations.REVERSE);
    this.tentative =
        choice == StaleInitiations.TENTATIVE ? new TentativeHandshakes(this, core) : null;
    core.shared.peerMoved(null, endpoint);
    byte[] remotePublic = config.publicKey().bytes();
    this.mathematics =
        new PeerMathematics(
            this, core, remotePublic, presharedKey == null ? null : presharedKey.bytes());
    this.handshakes = new PeerHandshakes(this, core, timers, remotePublic);
  }

  public PeerConfig config() {
    return config;
  }

  /** Where packets to this peer go now. */
  public @Nullable InetSocketAddress endpoint() {
    return endpoint;
  }

  /**
   * Encrypts and sends an IP packet, or stages a copy of it and asks for a session.
   *
   * @param packet at most {@link WireGuardCore#MTU} bytes of it are used; the bytes behind {@code
   *     length} may be overwritten by padding
   */
  public void send(byte[] packet, int length, long nowNanos) {
    if (removed) {
      output.dropped(DropReason.PEER_REMOVED);
    } else if (length > WireGuardCore.MTU) {
      output.dropped(DropReason.PACKET_TOO_BIG);
    } else {
      transport.send(packet, length, nowNanos);
    }
  }

  /** Sends what waits, or an empty packet; without a session it asks for one. */
  public void sendKeepalive(long nowNanos) {
    if (!removed) {
      transport.sendKeepalive(nowNanos);
    }
  }

  /** Asks for a new session, unless a handshake message went out in the last five seconds. */
  public void initiate(long nowNanos) {
    if (!removed) {
      handshakes.initiate(nowNanos);
    }
  }

  /** When {@link #expireTimers} is due next; {@link Long#MAX_VALUE} when nothing is. */
  public long nextDeadlineNanos() {
    long deadline = Math.min(timers.nextDeadline(), reverse.deadline());
    return tentative == null ? deadline : Math.min(deadline, tentative.deadline());
  }

  /** Does everything whose time has come. */
  public void expireTimers(long nowNanos) {
    core.watchEndOfLoad(nowNanos);
    reverse.expire(nowNanos);
    if (tentative != null) {
      tentative.expire(nowNanos);
    }
    if (timers.zeroingFires(nowNanos)) {
      handshakes.clear();
      transport.keypairs.clear();
    }
    if (timers.retransmitFires(nowNanos)) {
      handshakes.retry(nowNanos);
    }
    if (timers.newHandshakeFires(nowNanos)) {
      handshakes.initiate(nowNanos);
    }
    if (timers.keepaliveFires(nowNanos)) {
      transport.sendKeepalive(nowNanos);
      timers.keepaliveFired(nowNanos);
    }
    if (timers.persistentFires(nowNanos)) {
      persistentKeepalive(nowNanos);
    }
  }

  /** A peer that answers nothing is called seldom, until it is heard or somebody sends to it. */
  private void persistentKeepalive(long now) {
    if (!timers.isResting() || transport.maySend(now)) {
      transport.sendKeepalive(now);
    } else if (!handshakes.initiateOnce(ANY_SOCKET, now)) {
      timers.rearmPersistent(now);
    }
  }

  /** The first call of a peer that is to be kept alive and whose endpoint is known. */
  public void start(long nowNanos) {
    if (timers.hasPersistentKeepalive() && endpoint != null) {
      transport.sendKeepalive(nowNanos);
    }
  }

  /**
   * The first call of a peer whose endpoint is remembered from before our start: it asks for a
   * session at a random time within {@code spreadNanos}, unless the peer is heard before, so that a
   * large fleet does not answer all at once.
   */
  public void startWithin(long spreadNanos, long nowNanos) {
    if (endpoint != null) {
      timers.firstCall(nowNanos, spreadNanos);
    }
  }

  /** The session of this index, used before or not. */
  @Nullable Keypair session(int index) {
    Keypair keypair = transport.keypairs.find(index);
    return keypair == null && tentative != null ? tentative.find(index) : keypair;
  }

  /** Whether this is the address, whatever the port, where the peer was last heard. */
  boolean isEndpointHost(InetSocketAddress source) {
    return endpoint != null && endpoint.getAddress().equals(source.getAddress());
  }

  /**
   * Whether nothing authenticated was received yet, so that the endpoint is one of before our
   * start, and it is five seconds ago that this was asked with a positive answer. From any thread.
   */
  boolean mayBeCalledBack(long now) {
    long last = lastCallBack.get();
    return (last == NEVER || now - last >= REKEY_TIMEOUT) && lastCallBack.compareAndSet(last, now);
  }

  /**
   * Something came from the endpoint that is remembered from before our start, encrypted for a
   * session of then: the peer believes in it still. It is asked for a new one, at this endpoint and
   * nowhere else.
   *
   * @param viaSocket where it came in
   */
  void callBack(InetSocketAddress source, int viaSocket, long now) {
    if (socket == ANY_SOCKET && source.equals(endpoint)) {
      handshakes.initiateOnce(viaSocket, now);
    }
  }

  /** Sends to this address from now on, until the peer is heard at another one. */
  public void redirect(InetSocketAddress to) {
    InetSocketAddress previous = endpoint;
    endpoint = to;
    socket = ANY_SOCKET;
    core.shared.peerMoved(previous, to);
    if (tentative != null) {
      tentative.peerMoved(previous, to);
    }
  }

  void moveEndpoint(InetSocketAddress source, int viaSocket) {
    if (socket == ANY_SOCKET) {
      core.shared.heard(this);
    }
    socket = viaSocket;
    InetSocketAddress previous = endpoint;
    if (!source.equals(previous)) {
      endpoint = source;
      core.shared.peerMoved(previous, source);
      if (tentative != null) {
        tentative.peerMoved(previous, source);
      }
      output.endpointChanged(previous, source);
    }
  }

  /**
   * Runs what follows off-thread mathematics, on this peer's thread; the other when the peer was
   * removed meanwhile. From any thread.
   */
  void resume(LongConsumer work, Runnable ifRemoved) {
    core.output()
        .resume(
            now -> {
              if (removed) {
                ifRemoved.run();
              } else {
                work.accept(now);
                output.touched();
              }
            });
  }

  void transmit(byte[] datagram, int length) {
    transmit(datagram, length, ANY_SOCKET);
  }

  /**
   * Sends to the endpoint.
   *
   * @param viaSocket {@link #ANY_SOCKET} for the one where the peer was last heard, if it was
   */
  void transmit(byte[] datagram, int length, int viaSocket) {
    if (endpoint == null) {
      output.dropped(DropReason.NO_ENDPOINT);
    } else {
      output.datagram(datagram, length, endpoint, viaSocket == ANY_SOCKET ? socket : viaSocket);
    }
  }

  /** Takes no part from here on. From any thread; {@link #wipe} follows. */
  void remove() {
    removed = true;
  }

  boolean isRemoved() {
    return removed;
  }

  void wipe() {
    timers.stop();
    handshakes.wipe();
    mathematics.wipe();
    reverse.wipe();
    if (tentative != null) {
      tentative.wipe();
    }
    core.shared.peerMoved(endpoint, null);
    transport.keypairs.clear();
    transport.dropStaged();
  }
}
