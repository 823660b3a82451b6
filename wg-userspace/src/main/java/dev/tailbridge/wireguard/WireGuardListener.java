package dev.tailbridge.wireguard;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Told what happens at an endpoint, on its event loop. Implement what interests you.
 *
 * <p>The calls come in the middle of the work on a datagram: be quick, and do not write to peers
 * from here. {@link WireGuardEndpoint#removePeer} and {@link WireGuardEndpoint#close} are safe.
 */
public interface WireGuardListener {

  /** A session began: its first packet can be or was received. Sent packets will arrive. */
  default void handshakeCompleted(WireGuardPeer peer) {}

  /** Twenty initiations stayed without an answer; the next packet starts over. */
  default void handshakeAbandoned(WireGuardPeer peer) {}

  /**
   * An initiation of ours stayed without an answer for five seconds. Another follows, or {@link
   * #handshakeAbandoned}.
   */
  default void handshakeUnanswered(WireGuardPeer peer) {}

  /**
   * The peer was heard, authenticated, at another address or port than before; {@link
   * EndpointChange#of} says which.
   */
  default void endpointChanged(
      WireGuardPeer peer, @Nullable InetSocketAddress previous, InetSocketAddress current) {}

  /**
   * A datagram or packet was dropped; {@code peer} is null where none is known. Called once per
   * drop, also under attack: count, and limit what is logged.
   */
  default void dropped(@Nullable WireGuardPeer peer, DropReason reason) {}

  /**
   * The peer's initiation was not newer than the greatest timestamp it has sent, as happens when a
   * device without a clock reboots, or when somebody replays what it sent. Called once per such
   * initiation, also under attack.
   *
   * @param behindNanos by how much its clock is behind ours; negative when it is ahead, but was
   *     further ahead before. Of a peer whose timestamps are no times it says nothing.
   */
  default void staleInitiation(WireGuardPeer peer, long behindNanos, InetSocketAddress source) {}

  /**
   * The peer's initiation was accepted, but its clock is more than an hour ahead of ours. Once it
   * is right again, its initiations will be stale; servers without a rescue would lock it out.
   */
  default void clockAhead(WireGuardPeer peer, long aheadNanos) {}

  /**
   * Three more handshakes with the peer were answered and did not come to their end, and now there
   * is another: the preshared keys differ, or answers do not arrive.
   */
  default void handshakesUnconfirmed(WireGuardPeer peer) {}

  /**
   * A handshake message for another public key than ours: a device that was given the key of
   * another server, or junk. Called once per such datagram, also under attack.
   */
  default void wrongMac1(InetSocketAddress source) {}

  /**
   * So many handshakes wait that from now on senders must prove their address first; or that is
   * over, which may be told late when nothing comes in. Told once for the whole endpoint.
   */
  default void cookieMode(boolean on) {}

  /**
   * The peer sent an initiation with a stale timestamp, as a device without a clock does after a
   * reboot. A handshake of ours was sent to where it came from, or for {@link
   * StaleInitiations#TENTATIVE} an answer.
   */
  default void reverseHandshakeSent(WireGuardPeer peer, InetSocketAddress destination) {}

  /** The peer reacted after so many nanoseconds; {@link #handshakeCompleted} follows. */
  default void reverseHandshakeAnswered(WireGuardPeer peer, long afterNanos) {}

  /** Nothing came of it in five seconds: the peer is not there, or the initiation was a replay. */
  default void reverseHandshakeUnanswered(WireGuardPeer peer) {}

  /** A limit kept it from being sent. Called once per such initiation, also under attack. */
  default void reverseHandshakeSuppressed(WireGuardPeer peer, ReverseSuppression by) {}

  /**
   * Somebody who knows our public key, and holds the private key of {@code key}, asked for a
   * session but is no peer. Called once per such datagram.
   */
  default void unknownKey(PublicKey key, InetSocketAddress source) {}
}
