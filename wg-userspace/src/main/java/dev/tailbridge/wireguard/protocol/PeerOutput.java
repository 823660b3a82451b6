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

  void endpointChanged(@Nullable InetSocketAddress previous, InetSocketAddress current);

  void dropped(DropReason reason);

  /** After a stale initiation an initiation of ours went to its source. */
  void reverseSent(InetSocketAddress destination);

  /** It was answered, after so many nanoseconds; {@link #handshakeCompleted} follows. */
  void reverseAnswered(long afterNanos);

  /** It was not answered within its five seconds. */
  void reverseUnanswered();

  /** A limit kept it from being sent. */
  void reverseSuppressed(ReverseSuppression by);
}
