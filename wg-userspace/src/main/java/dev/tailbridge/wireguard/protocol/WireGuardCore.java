package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.crypto.CryptoProvider;
import dev.tailbridge.wireguard.crypto.CryptoProviders;
import dev.tailbridge.wireguard.crypto.TimestampSource;
import dev.tailbridge.wireguard.routing.AllowedIps;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A WireGuard interface without its sockets: our identity, all peers, cryptokey routing.
 *
 * <ul>
 *   <li>Datagrams go in by {@link #receive}; whatever is wrong with one, the answer is silence: a
 *       drop is reported, and no datagram, state or timer comes of it (paper 5.1).
 *   <li>Outputs are called before the call that caused them returns. An output must not call back
 *       into the core, except that {@link PeerOutput#packet} may send.
 * </ul>
 */
public final class WireGuardCore {

  /** The largest inner packet in bytes. */
  public static final int MTU = 1420;

  /** The largest datagram in bytes that is looked at; anything larger is cut and will not open. */
  public static final int MAX_DATAGRAM_BYTES = 2048;

  final CryptoProvider crypto;
  final Identity identity;
  final SecureRandom random;
  final TimestampSource timestamps;
  final IndexTable indices;
  final ReverseLimits reverseLimits = new ReverseLimits();
  final AllowedIps<Peer> allowedIps = new AllowedIps<>();

  /** Scratch of one packet each, so that a packet received may be answered while it is read. */
  final byte[] opened = new byte[MAX_DATAGRAM_BYTES];

  final byte[] padded = new byte[MTU];
  final byte[] sealed = new byte[MAX_DATAGRAM_BYTES];

  private final CoreOutput output;
  private final PublicKey publicKey;
  private final Map<PublicKey, Peer> peers = new HashMap<>();

  public WireGuardCore(
      PrivateKey privateKey, SecureRandom random, TimestampSource timestamps, CoreOutput output) {
    this(CryptoProviders.bouncyCastle(), privateKey, random, timestamps, output);
  }

  public WireGuardCore(
      CryptoProvider crypto,
      PrivateKey privateKey,
      SecureRandom random,
      TimestampSource timestamps,
      CoreOutput output) {
    this.crypto = crypto;
    this.identity = new Identity(privateKey.bytes());
    this.publicKey = privateKey.publicKey();
    this.random = random;
    this.timestamps = timestamps;
    this.indices = new IndexTable(random);
    this.output = output;
  }

  /**
   * Adds a peer; its allowed addresses move to it from whoever had them. {@link Peer#start} is
   * next.
   *
   * @throws IllegalArgumentException when the key is ours or already a peer's
   */
  public Peer addPeer(PeerConfig config, PeerOutput peerOutput) {
    if (config.publicKey().equals(publicKey)) {
      throw new IllegalArgumentException(
          "Peer " + config.name() + " has our own public key; give it the device's");
    }
    Peer known = peers.get(config.publicKey());
    if (known != null) {
      throw new IllegalArgumentException(
          "Peer " + config.name() + " has the public key of peer " + known.config().name());
    }
    Peer peer = new Peer(this, config, peerOutput);
    peers.put(config.publicKey(), peer);
    for (IpPrefix prefix : config.allowedIps()) {
      allowedIps.insert(prefix, peer);
    }
    return peer;
  }

  /** Forgets a peer and wipes its keys; does nothing when it is gone already. */
  public void removePeer(Peer peer) {
    if (peers.remove(peer.config().publicKey(), peer)) {
      allowedIps.removeAll(peer);
      peer.remove();
    }
  }

  /** Removes all peers and wipes our private key; nothing works afterwards. */
  public void close() {
    List.copyOf(peers.values()).forEach(this::removePeer);
    identity.wipe();
  }

  /** The peer that a packet's destination belongs to; null when none, or when it is no packet. */
  public @Nullable Peer route(byte[] packet, int length) {
    return InnerPacket.length(packet, length) < 0
        ? null
        : InnerPacket.destinationOwner(allowedIps, packet);
  }

  /**
   * Takes one datagram, the first {@code length} bytes of the array.
   *
   * @param socket a number, 0 or greater, for the socket that it came in on
   * @return the peer that it seemed to be for; its deadline may have changed
   */
  public @Nullable Peer receive(
      byte[] datagram, int length, InetSocketAddress source, int socket, long nowNanos) {
    return switch (Message.type(datagram, length)) {
      case Message.TRANSPORT -> receiveTransport(datagram, length, source, socket, nowNanos);
      case Message.INITIATION -> receiveInitiation(datagram, source, socket, nowNanos);
      case Message.RESPONSE -> receiveResponse(datagram, source, socket, nowNanos);
      case Message.COOKIE_REPLY -> receiveCookieReply(datagram, nowNanos);
      default -> drop(DropReason.MALFORMED_DATAGRAM);
    };
  }

  private @Nullable Peer receiveTransport(
      byte[] datagram, int length, InetSocketAddress source, int socket, long now) {
    int index = Message.readInt(datagram, Message.RECEIVER);
    Peer peer = indices.find(index);
    if (peer == null) {
      return drop(DropReason.UNKNOWN_INDEX);
    }
    Keypair keypair = peer.transport.keypairs.find(index);
    if (keypair == null) {
      peer.output.dropped(DropReason.UNKNOWN_INDEX);
    } else {
      peer.transport.receive(keypair, datagram, length, source, socket, now);
    }
    return peer;
  }

  private @Nullable Peer receiveInitiation(
      byte[] datagram, InetSocketAddress source, int socket, long now) {
    if (!identity.hasValidMac1(datagram, Message.INITIATION_BYTES)) {
      return drop(DropReason.BAD_MAC1);
    }
    IncomingInitiation initiation = IncomingInitiation.open(identity, datagram);
    if (initiation == null) {
      return drop(DropReason.INVALID_INITIATION);
    }
    PublicKey key = PublicKey.of(initiation.remoteStatic);
    Peer peer = peers.get(key);
    if (peer == null) {
      output.unknownKey(key, source);
      drop(DropReason.UNKNOWN_KEY);
    } else {
      peer.handshakes.consumeInitiation(initiation, source, socket, now);
    }
    initiation.wipe();
    return peer;
  }

  private @Nullable Peer receiveResponse(
      byte[] datagram, InetSocketAddress source, int socket, long now) {
    if (!identity.hasValidMac1(datagram, Message.RESPONSE_BYTES)) {
      return drop(DropReason.BAD_MAC1);
    }
    Peer peer = indices.find(Message.readInt(datagram, Message.RESPONSE_RECEIVER));
    if (peer == null) {
      return drop(DropReason.UNKNOWN_INDEX);
    }
    peer.handshakes.consumeResponse(datagram, source, socket, now);
    return peer;
  }

  private @Nullable Peer receiveCookieReply(byte[] datagram, long now) {
    Peer peer = indices.find(Message.readInt(datagram, Message.RECEIVER));
    if (peer == null) {
      return drop(DropReason.UNKNOWN_INDEX);
    }
    peer.handshakes.consumeCookieReply(datagram, now);
    return peer;
  }

  private @Nullable Peer drop(DropReason reason) {
    output.dropped(reason);
    return null;
  }
}
