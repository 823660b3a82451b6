package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.ReverseSuppression;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Takes what comes out of one {@link Peer}. Arrays are lent for the time of the call only. */
public interface PeerOutput {

  /**
   * A datagram to send.
   *
   * @param socket the number that {@link WireGuardCore#receive} was given with the datagram that
   *     made the peer's endpoint, or that this answers; {@link Peer#ANY_SOCKET} for a configured
   *     endpoint
   */
  void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket);

  /** An IP packet from the peer: authenticated, whole, from an address that belongs to it. */
  void packet(byte[] packet, int length);

  /** An authenticated datagram of this many bytes came in. */
  void received(int datagramLength);

  /**
   * Something happened to the peer that its driver did not ask for: its deadline may have moved,
   * and there may be datagrams to flush. Comes last.
   */
  void touched();

  void handshakeCompleted();

  void handshakeAbandoned();

  /** An initiation of ours stayed without an answer for five seconds. */
  default void handshakeUnanswered() {}

  void endpointChanged(@Nullable InetSocketAddress previous, InetSocketAddress current);

  void dropped(DropReason reason);

  /**
   * An initiation was stale.
   *
   * @param behindNanos by how much the peer's clock is behind ours, if its timestamps are times;
   *     negative when it is ahead but was further ahead before
   */
  default void staleInitiation(long behindNanos, InetSocketAddress source) {}

  /** An initiation was accepted although the peer's clock is more than an hour ahead of ours. */
  default void clockAhead(long aheadNanos) {}

  /** Three more handshakes were answered and did not come to their end; now there is another. */
  default void handshakesUnconfirmed() {}

  /**
   * After a stale initiation an initiation, or a tentative response, of ours went to its source.
   */
  void reverseSent(InetSocketAddress destination);

  /** It made a session, after so many nanoseconds; {@link #handshakeCompleted} follows. */
  void reverseAnswered(long afterNanos);

  /** Nothing came of it within five seconds. */
  void reverseUnanswered();

  /** A limit kept it from being sent. */
  void reverseSuppressed(ReverseSuppression by);
}
