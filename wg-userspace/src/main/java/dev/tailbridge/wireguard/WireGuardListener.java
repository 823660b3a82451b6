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

  /** The peer was heard, authenticated, at another address or port than before. */
  default void endpointChanged(
      WireGuardPeer peer, @Nullable InetSocketAddress previous, InetSocketAddress current) {}

  /**
   * A datagram or packet was dropped; {@code peer} is null where none is known. Called once per
   * drop, also under attack: count, and limit what is logged.
   */
  default void dropped(@Nullable WireGuardPeer peer, DropReason reason) {}

  /**
   * The peer sent an initiation with a stale timestamp, as a device without a clock does after a
   * reboot. It was dropped, and a handshake of ours sent to where it came from.
   */
  default void reverseHandshakeSent(WireGuardPeer peer, InetSocketAddress destination) {}

  /** The peer answered it after so many nanoseconds; {@link #handshakeCompleted} follows. */
  default void reverseHandshakeAnswered(WireGuardPeer peer, long afterNanos) {}

  /** It stayed without an answer: the peer is not there, or the initiation was a replay. */
  default void reverseHandshakeUnanswered(WireGuardPeer peer) {}

  /** A limit kept it from being sent. Called once per such initiation, also under attack. */
  default void reverseHandshakeSuppressed(WireGuardPeer peer, ReverseSuppression by) {}

  /**
   * Somebody who knows our public key, and holds the private key of {@code key}, asked for a
   * session but is no peer. Called once per such datagram.
   */
  default void unknownKey(PublicKey key, InetSocketAddress source) {}
}
