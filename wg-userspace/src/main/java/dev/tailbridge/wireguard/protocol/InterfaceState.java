package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.TimestampSource;
import dev.tailbridge.wireguard.routing.AllowedIps;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the cores of one WireGuard interface share: our identity, who the peers are and which
 * addresses are theirs, and the limits that hold for all threads together.
 *
 * <p>Thread-safe. A peer itself belongs to the thread of its core.
 */
public final class InterfaceState {

  final Identity identity;
  final SecureRandom random;
  final TimestampSource timestamps;
  final HandshakeWorkers workers;
  final AllowedIps<Peer> allowedIps = new AllowedIps<>();
  final ReverseLimits reverseLimits = new ReverseLimits();
  final SourceLimiter handshakeLimits = new SourceLimiter();
  final HandshakeLoad load = new HandshakeLoad(this::peerCount);
  final CookieChecker cookies;

  private final PublicKey publicKey;

  /** Filled by the constructors of the cores, before any of them is used. */
  private final WireGuardCore[] cores;

  /** Guarded by itself: everybody whose key and addresses are taken. */
  private final Map<PublicKey, Peer> registered = new HashMap<>();

  /** Those of them that may be found. */
  private final Map<PublicKey, Peer> peers = new ConcurrentHashMap<>();

  /** By the endpoint that is known from before our start: those that were not heard since. */
  private final Map<InetSocketAddress, Peer> unheard = new ConcurrentHashMap<>();

  /**
   * @param random must not block
   * @param cores how many cores there will be: a power of two, at most 256; one {@link
   *     WireGuardCore} must then be made for each
   */
  public InterfaceState(
      CryptoProvider crypto,
      PrivateKey privateKey,
      SecureRandom random,
      TimestampSource timestamps,
      HandshakeWorkers workers,
      int cores) {
    if (Integer.bitCount(cores) != 1 || cores > 256) {
      throw new IllegalArgumentException("cores must be a power of two up to 256: " + cores);
    }
    this.identity = new Identity(crypto, privateKey.bytes());
    this.publicKey = privateKey.publicKey();
    this.random = random;
    this.timestamps = timestamps;
    this.workers = workers;
    this.cookies = new CookieChecker(identity.publicKey, random);
    this.cores = new WireGuardCore[cores];
  }

  int attach(int number, WireGuardCore core) {
    cores[number] = core;
    return cores.length;
  }

  /** The core that gave out this index: its low bits say so. */
  WireGuardCore owner(int index) {
    return cores[index & (cores.length - 1)];
  }

  /** Makes a peer and takes its key; it is not found before {@link #publish}. */
  Peer register(WireGuardCore core, PeerConfig config, PeerOutput output) {
    if (config.publicKey().equals(publicKey)) {
      throw new IllegalArgumentException(
          "Peer " + config.name() + " has our own public key; give it the device's");
    }
    synchronized (registered) {
      Peer known = registered.get(config.publicKey());
      if (known != null) {
        throw new IllegalArgumentException(
            "Peer " + config.name() + " has the public key of peer " + known.config().name());
      }
      Peer peer = new Peer(core, config, output);
      registered.put(config.publicKey(), peer);
      return peer;
    }
  }

  /** Lets a registered peer be found; its addresses move to it from whoever had them. */
  void publish(Peer peer) {
    synchronized (registered) {
      if (registered.get(peer.config().publicKey()) == peer) {
        peers.put(peer.config().publicKey(), peer);
        InetSocketAddress known = peer.config().endpoint();
        if (known != null) {
          unheard.putIfAbsent(known, peer);
        }
        for (IpPrefix prefix : peer.config().allowedIps()) {
          allowedIps.insert(prefix, peer);
        }
      }
    }
  }

  /**
   * Gives a peer's key and addresses free: it is found no more, and another may have them.
   *
   * @return false when that was done before
   */
  public boolean withdraw(Peer peer) {
    synchronized (registered) {
      if (!registered.remove(peer.config().publicKey(), peer)) {
        return false;
      }
      peer.remove();
      peers.remove(peer.config().publicKey(), peer);
      heard(peer);
      allowedIps.removeAll(peer);
      return true;
    }
  }

  @Nullable Peer find(PublicKey key) {
    return peers.get(key);
  }

  /** Who was last heard there before our start, and nowhere since; null for nobody. */
  @Nullable Peer unheardAt(InetSocketAddress source) {
    return unheard.get(source);
  }

  /** Something authenticated came from this peer, or it is no more. */
  void heard(Peer peer) {
    InetSocketAddress known = peer.config().endpoint();
    if (known != null) {
      unheard.remove(known, peer);
    }
  }

  /** A peer's endpoint changed; the limits are wider where many peers live behind one address. */
  void peerMoved(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
    reverseLimits.peerMoved(from, to);
    handshakeLimits.peerMoved(from, to);
  }

  private int peerCount() {
    return peers.size();
  }

  /** Wipes our keys; nothing works afterwards. */
  public void wipe() {
    identity.wipe();
    cookies.wipe();
  }
}
