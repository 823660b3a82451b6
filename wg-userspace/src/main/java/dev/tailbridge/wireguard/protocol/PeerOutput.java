package dev.tailbridge.wireguard.protocol;

import dev.tailbridge.wireguard.DropReason;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Takes what comes out of one {@link Peer}. Arrays are lent for the time of the call only. */
public interface PeerOutput {

  /**
   * A datagram to send.
   *
   * @param socket the number that {@link WireGuardCore#receive} was given with the datagram that
   *     made the peer's endpoint; {@link Peer#ANY_SOCKET} for a configured endpoint
   */
  void datagram(byte[] datagram, int length, InetSocketAddress destination, int socket);

  /** An IP packet from the peer: authenticated, whole, from an address that belongs to it. */
  void packet(byte[] packet, int length);

  /** An authenticated datagram of this many bytes came in. */
  void received(int datagramLength);

  void handshakeCompleted();

  void handshakeAbandoned();

  void endpointChanged(@Nullable InetSocketAddress previous, InetSocketAddress current);

  void dropped(DropReason reason);
}
