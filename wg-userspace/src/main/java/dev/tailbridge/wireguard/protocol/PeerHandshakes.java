package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.INITIATION_INTERVAL;
import static dev.tailbridge.wireguard.protocol.Constants.MAX_TIMER_HANDSHAKES;
import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.REKEY_TIMEOUT;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.crypto.Tai64n;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A peer's handshakes in both roles (paper 5.4.2 to 5.4.4, 6.4).
 *
 * <ul>
 *   <li>There is one slot: an initiation of ours lives in it until a valid response, a valid
 *       initiation of the peer, or the next attempt replaces it.
 *   <li>What comes back from {@link PeerMathematics} counts only when the slot is still what it was
 *       at the start: every emptying of the slot begins a new round.
 * </ul>
 */
final class PeerHandshakes {

  private final Peer peer;
  private final WireGuardCore core;
  private final PeerTimers timers;
  final Macs macs;
  private final HandshakeDiagnosis diagnosis;
  private @Nullable OutgoingInitiation outgoing;
  private long round;
  private byte[] greatestTimestamp = new byte[Tai64n.BYTES];
  private long lastConsumed = NEVER;
  private long lastSent = NEVER;
  private long lastInitiation = NEVER;
  private @Nullable InetSocketAddress lastInitiationTo;
  private int attempts;

  PeerHandshakes(Peer peer, WireGuardCore core, PeerTimers timers, byte[] remotePublic) {
    this.peer = peer;
    this.core = core;
    this.timers = timers;
    this.macs = new Macs(remotePublic);
    this.diagnosis = new HandshakeDiagnosis(peer, core);
  }

  /** Starts an attempt for a reason of its own, not as a retry. */
  void initiate(long now) {
    attempts = 0;
    sendInitiation(now);
  }

  /** The retransmission timer fired. */
  void retry(long now) {
    if (outgoing != null) {
      peer.output.handshakeUnanswered();
    }
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
    } else if (canInitiate()) {
      timers.initiationSent(now);
      sendInitiation(Peer.ANY_SOCKET, now);
    }
  }

  /**
   * Calls the peer once, without retries.
   *
   * @param socket to send from; {@link Peer#ANY_SOCKET} for the one of the endpoint
   * @return false when the last handshake message is too recent
   */
  boolean initiateOnce(int socket, long now) {
    if (isTooSoon(now)) {
      return false;
    }
    if (canInitiate()) {
      sendInitiation(socket, now);
    }
    return true;
  }

  private boolean canInitiate() {
    return peer.endpoint() != null && peer.mathematics.isPossible();
  }

  private void sendInitiation(int socket, long now) {
    clear();
    long current = round;
    lastSent = now;
    lastInitiation = now;
    lastInitiationTo = peer.endpoint();
    timers.authenticatedPacketSent(now);
    peer.mathematics.createInitiation(
        (initiation, then) -> {
          if (round != current) {
            return false;
          }
          outgoing = initiation;
          macs.sign(initiation.message, then);
          peer.transmit(initiation.message, initiation.message.length, socket);
          return true;
        });
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

  /** An authentic initiation, taken over. */
  void consumeInitiation(
      IncomingInitiation initiation, InetSocketAddress source, int socket, long now) {
    boolean flood = lastConsumed != NEVER && now - lastConsumed < INITIATION_INTERVAL;
    if (!Tai64n.isAfter(initiation.timestamp, greatestTimestamp)) {
      consumeStale(initiation, flood, source, socket, now);
      return;
    }
    if (flood) {
      peer.output.dropped(DropReason.INITIATION_FLOOD);
      initiation.wipe();
      return;
    }
    greatestTimestamp = initiation.timestamp.clone();
    lastConsumed = now;
    diagnosis.accepted(greatestTimestamp);
    peer.reverse.accepted(initiation);
    if (peer.tentative != null) {
      peer.tentative.accepted(initiation);
    }
    clear();
    // From here on, so that no initiation of ours crosses the response under way.
    lastSent = now;
    timers.authenticatedPacketReceived(now);
    peer.output.received(Message.INITIATION_BYTES);
    if (peer.endpoint() == null) {
      // With an endpoint at hand it stays until the new session is confirmed: an old initiation,
      // replayed after our restart, must not pull established traffic away.
      peer.moveEndpoint(source, socket);
    }
    long current = round;
    peer.mathematics.respond(
        initiation,
        (response, keys, then) -> {
          if (round != current) {
            return false;
          }
          sendResponse(response, keys, source, socket, then);
          return true;
        });
  }

  /** A replay, or of a device whose clock was set back; nothing of ours changes by it. */
  private void consumeStale(
      IncomingInitiation initiation,
      boolean flood,
      InetSocketAddress source,
      int socket,
      long now) {
    if (!peer.reverse.isLastAccepted(initiation)) {
      diagnosis.stale(initiation.timestamp, source);
    }
    if (!flood
        && peer.tentative != null
        && peer.tentative.answer(initiation, source, socket, now)) {
      return;
    }
    peer.output.dropped(DropReason.STALE_INITIATION);
    if (!flood) {
      peer.reverse.consider(initiation, source, socket, now);
    }
    initiation.wipe();
  }

  private void sendResponse(
      byte[] response, SessionKeys keys, InetSocketAddress source, int socket, long now) {
    macs.sign(response, now);
    lastSent = now;
    peer.transport.installResponded(keys, now);
    timers.authenticatedPacketSent(now);
    diagnosis.unfinished();
    peer.output.datagram(response, response.length, source, socket);
  }

  /** A response with a valid mac1 to this index of ours; takes the array over. */
  void consumeResponse(byte[] response, InetSocketAddress source, int socket, long now) {
    OutgoingInitiation initiation = find(Message.readInt(response, Message.RESPONSE_RECEIVER), now);
    if (initiation == null) {
      peer.output.dropped(DropReason.UNKNOWN_INDEX);
      return;
    }
    if (!core.shared.load.admit(now)) {
      peer.output.dropped(DropReason.HANDSHAKE_QUEUE_FULL);
      return;
    }
    peer.mathematics.consumeResponse(
        initiation,
        response,
        now,
        (keys, later) -> {
          if (keys == null) {
            diagnosis.unfinished();
            peer.output.dropped(DropReason.INVALID_RESPONSE);
            return true;
          }
          if (find(keys.localIndex, later) != initiation) {
            peer.output.dropped(DropReason.UNKNOWN_INDEX);
            return false;
          }
          complete(initiation, keys, source, socket, later);
          return true;
        });
  }

  /** The outstanding initiation that has this index: the probe, or the one in the slot. */
  private @Nullable OutgoingInitiation find(int index, long now) {
    OutgoingInitiation probe = peer.reverse.find(index, now);
    if (probe != null) {
      return probe;
    }
    return outgoing != null && outgoing.localIndex == index ? outgoing : null;
  }

  private void complete(
      OutgoingInitiation initiation,
      SessionKeys keys,
      InetSocketAddress source,
      int socket,
      long now) {
    // The index stays: from here on it names the session.
    if (initiation == outgoing) {
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
    boolean valid;
    if (probe != null) {
      valid = peer.reverse.consumeCookieReply(probe, reply, now);
    } else {
      valid =
          macs.consumeCookieReply(reply, now)
              || (peer.tentative != null && peer.tentative.consumeCookieReply(reply, now));
    }
    if (!valid) {
      peer.output.dropped(DropReason.INVALID_COOKIE);
    }
  }

  /** For tests: never to become smaller, whatever comes in. */
  byte[] greatestTimestamp() {
    return greatestTimestamp.clone();
  }

  void complete() {
    diagnosis.complete();
    attempts = 0;
  }

  /** Forgets an outstanding initiation, and whatever is being computed. */
  void clear() {
    round++;
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
  }
}
