package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.ReverseSuppression;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The other rescue of a peer whose clock went back, for clients that do not answer initiations: a
 * stale initiation is answered, and the session that comes of it is kept apart until the peer has
 * used it.
 *
 * <p>Only the holder of the peer's private key can use it. Until then nothing is committed:
 * handshake slot, sessions, endpoint, timers and the greatest timestamp are as they were, so a
 * replay costs us an answer and nobody anything else. The greatest timestamp is not lowered even
 * then: all of a rescued peer's initiations come this way.
 */
final class TentativeHandshakes {

  private final Peer peer;
  private final WireGuardCore core;
  private final TentativeSessions sessions;

  TentativeHandshakes(Peer peer, WireGuardCore core) {
    this.peer = peer;
    this.core = core;
    this.sessions = new TentativeSessions(core.shared.reverseLimits, core.indices::free);
    sessions.peerMoved(null, peer.config().endpoint());
  }

  void accepted(IncomingInitiation initiation) {
    sessions.accepted(initiation);
  }

  void freshHandshakeConfirmed() {
    sessions.freshHandshakeConfirmed();
  }

  void peerMoved(@Nullable InetSocketAddress from, InetSocketAddress to) {
    sessions.peerMoved(from, to);
  }

  /**
   * Answers a stale, otherwise valid initiation to where it came from, and takes it over.
   *
   * @return false when something speaks against it: it stays the caller's then
   */
  boolean answer(IncomingInitiation stale, InetSocketAddress source, int socket, long now) {
    if (sessions.isRepeat(stale)) {
      return false;
    }
    boolean alive = peer.transport.isAlive(now);
    boolean atEndpointHost = peer.isEndpointHost(source);
    ReverseSuppression refusal =
        sessions.take(stale, source.getAddress(), alive, atEndpointHost, now);
    if (refusal != null) {
      peer.output.reverseSuppressed(refusal);
      return false;
    }
    peer.mathematics.respond(
        stale,
        (response, keys, then) -> {
          peer.handshakes.macs.stamp(response, then);
          Keypair keypair = new Keypair(keys, core.shared.identity.crypto, then);
          sessions.answered(keypair, stale.timestamp, response, alive, then);
          peer.output.datagram(response, response.length, source, socket);
          peer.output.reverseSent(source);
          return true;
        });
    return true;
  }

  /** The session of this index that the peer has not used yet. */
  @Nullable Keypair find(int index) {
    return sessions.find(index);
  }

  /** Whether this is one of ours; the peer used it, and it is the caller's from now on. */
  boolean confirm(Keypair keypair, long now) {
    if (sessions.find(keypair.localIndex) != keypair) {
      return false;
    }
    peer.output.reverseAnswered(sessions.confirmed(keypair, now));
    return true;
  }

  /** Keeps the cookie of a reply to an answer of ours; false when it is none. */
  boolean consumeCookieReply(byte[] reply, long now) {
    return sessions.consumeCookieReply(reply, peer.handshakes.macs, now);
  }

  long deadline() {
    return sessions.deadline();
  }

  void expire(long now) {
    for (int i = sessions.expire(now); i > 0; i--) {
      peer.output.reverseUnanswered();
    }
  }

  void wipe() {
    sessions.wipe();
  }
}
