package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.INITIATION_INTERVAL;
import static dev.tailbridge.wireguard.protocol.Constants.MAX_TIMER_HANDSHAKES;
import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_TIMEOUT;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.Tai64n;
import dev.tailbridge.wireguard.crypto.X25519;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A peer's handshakes in both roles (paper 5.4.2 to 5.4.4, 6.4).
 *
 * <p>There is one slot: an initiation of ours lives in it until a valid response, a valid
 * initiation of the peer, or the next attempt replaces it.
 */
final class PeerHandshakes {

  private final Peer peer;
  private final WireGuardCore core;
  private final PeerTimers timers;
  private final byte[] remotePublic;
  private final byte @Nullable [] presharedKey;

  /** The agreement of both static keys; null when the peer's is of low order. */
  private final byte @Nullable [] staticStatic;

  final Macs macs;
  private @Nullable OutgoingInitiation outgoing;
  private byte[] greatestTimestamp = new byte[Tai64n.BYTES];
  private long lastConsumed = NEVER;
  private long lastSent = NEVER;
  private long lastInitiation = NEVER;
  private @Nullable InetSocketAddress lastInitiationTo;
  private int attempts;

  PeerHandshakes(
      Peer peer,
      WireGuardCore core,
      PeerTimers timers,
      byte[] remotePublic,
      byte @Nullable [] presharedKey) {
    this.peer = peer;
    this.core = core;
    this.timers = timers;
    this.remotePublic = remotePublic;
    this.presharedKey = presharedKey;
    this.macs = new Macs(remotePublic);
    byte[] shared = new byte[X25519.KEY_BYTES];
    this.staticStatic =
        X25519.agree(core.identity.privateKey, remotePublic, shared) ? shared : null;
  }

  /** Starts an attempt for a reason of its own, not as a retry. */
  void initiate(long now) {
    attempts = 0;
    sendInitiation(now);
  }

  /** The retransmission timer fired. */
  void retry(long now) {
    if (attempts > MAX_TIMER_HANDSHAKES) {
      timers.handshakeAbandoned(now);
      for (int i = peer.transport.dropStaged(); i > 0; i--) {
        peer.output.dropped(DropReason.HANDSHAKE_ABANDONED);
      }
      peer.output.handshakeAbandoned();
      return;
    }
    if (!isTooSoon(now)) {
      attempts++;
    }
    sendInitiation(now);
  }

  private void sendInitiation(long now) {
    if (isTooSoon(now)) {
      timers.initiationSuppressed(earliestInitiation());
      return;
    }
    if (peer.endpoint() == null) {
      return;
    }
    clear();
    OutgoingInitiation initiation = createInitiation();
    if (initiation == null) {
      return;
    }
    outgoing = initiation;
    macs.sign(initiation.message, now);
    lastSent = now;
    lastInitiation = now;
    lastInitiationTo = peer.endpoint();
    timers.authenticatedPacketSent(now);
    timers.initiationSent(now);
    peer.transmit(initiation.message, initiation.message.length);
  }

  /**
   * A new initiation, without its macs; it has an index of its own.
   *
   * @return null when the peer's key is of low order
   */
  @Nullable OutgoingInitiation createInitiation() {
    if (staticStatic == null) {
      return null;
    }
    int index = core.indices.allocate(peer);
    OutgoingInitiation initiation =
        OutgoingInitiation.create(
            core.identity,
            remotePublic,
            staticStatic,
            X25519.generatePrivateKey(core.random),
            core.timestamps.next(),
            index);
    if (initiation == null) {
      core.indices.free(index);
    }
    return initiation;
  }

  private boolean isTooSoon(long now) {
    return now < earliestInitiation();
  }

  private long earliestInitiation() {
    long afterLast = lastSent == NEVER ? Long.MIN_VALUE : lastSent + REKEY_TIMEOUT;
    return Math.max(afterLast, peer.reverse.quietUntil(peer.endpoint()));
  }

  /** Whether a regular initiation went to this very address in the last five seconds. */
  boolean initiatedRecently(InetSocketAddress address, long now) {
    return lastInitiation != NEVER
        && now - lastInitiation < REKEY_TIMEOUT
        && address.equals(lastInitiationTo);
  }

  /** An initiation that names this peer; nothing is believed before its timestamp opened. */
  void consumeInitiation(
      IncomingInitiation initiation, InetSocketAddress source, int socket, long now) {
    if (staticStatic == null || !initiation.openTimestamp(staticStatic)) {
      peer.output.dropped(DropReason.INVALID_INITIATION);
      return;
    }
    boolean flood = lastConsumed != NEVER && now - lastConsumed < INITIATION_INTERVAL;
    if (!Tai64n.isAfter(initiation.timestamp, greatestTimestamp)) {
      peer.output.dropped(DropReason.STALE_INITIATION);
      if (!flood) {
        peer.reverse.consider(initiation, source, socket, now);
      }
      return;
    }
    if (flood) {
      peer.output.dropped(DropReason.INITIATION_FLOOD);
      return;
    }
    greatestTimestamp = initiation.timestamp.clone();
    lastConsumed = now;
    peer.reverse.accepted(initiation);
    clear();
    timers.authenticatedPacketReceived(now);
    peer.output.received(Message.INITIATION_BYTES);
    if (peer.endpoint() == null) {
      // With an endpoint at hand it stays until the new session is confirmed: an old initiation,
      // replayed after our restart, must not pull established traffic away.
      peer.moveEndpoint(source, socket);
    }
    respond(initiation, source, socket, now);
  }

  private void respond(
      IncomingInitiation initiation, InetSocketAddress source, int socket, long now) {
    int index = core.indices.allocate(peer);
    byte[] response = new byte[Message.RESPONSE_BYTES];
    SessionKeys keys =
        initiation.respond(presharedKey, X25519.generatePrivateKey(core.random), index, response);
    if (keys == null) {
      core.indices.free(index);
      peer.output.dropped(DropReason.INVALID_INITIATION);
      return;
    }
    macs.sign(response, now);
    lastSent = now;
    peer.transport.installResponded(keys, now);
    timers.authenticatedPacketSent(now);
    peer.output.datagram(response, response.length, source, socket);
  }

  void consumeResponse(byte[] response, InetSocketAddress source, int socket, long now) {
    int index = Message.readInt(response, Message.RESPONSE_RECEIVER);
    OutgoingInitiation probe = peer.reverse.find(index, now);
    OutgoingInitiation initiation = probe == null ? outgoing : probe;
    if (initiation == null || initiation.localIndex != index) {
      peer.output.dropped(DropReason.UNKNOWN_INDEX);
      return;
    }
    SessionKeys keys = initiation.consumeResponse(core.identity, presharedKey, response);
    if (keys == null) {
      peer.output.dropped(DropReason.INVALID_RESPONSE);
      return;
    }
    // The index stays: from here on it names the session.
    if (probe == null) {
      outgoing = null;
    } else {
      // A regular initiation under way stays answerable: should the peer have answered both, the
      // later answer is the session that it holds.
      peer.reverse.answered(now);
    }
    initiation.wipe();
    peer.moveEndpoint(source, socket);
    timers.authenticatedPacketReceived(now);
    peer.output.received(Message.RESPONSE_BYTES);
    peer.transport.installInitiated(keys, now);
  }

  /** Kept for the next attempt, which comes at its normal time. */
  void consumeCookieReply(byte[] reply, long now) {
    OutgoingInitiation probe = peer.reverse.find(Message.readInt(reply, Message.RECEIVER), now);
    boolean valid =
        probe == null
            ? macs.consumeCookieReply(reply, now)
            : peer.reverse.consumeCookieReply(probe, reply, now);
    if (!valid) {
      peer.output.dropped(DropReason.INVALID_COOKIE);
    }
  }

  /** For tests: never to become smaller, whatever comes in. */
  byte[] greatestTimestamp() {
    return greatestTimestamp.clone();
  }

  void complete() {
    attempts = 0;
  }

  /** Forgets an outstanding initiation. */
  void clear() {
    if (outgoing != null) {
      core.indices.free(outgoing.localIndex);
      outgoing.wipe();
      outgoing = null;
    }
  }

  /** Forgets everything secret; the peer is gone. */
  void wipe() {
    clear();
    macs.wipe();
    if (staticStatic != null) {
      Arrays.fill(staticStatic, (byte) 0);
    }
    if (presharedKey != null) {
      Arrays.fill(presharedKey, (byte) 0);
    }
  }
}
