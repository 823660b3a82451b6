package dev.tailbridge.wireguard;

/** Why a stale initiation was not followed by a handshake although it could have been. */
public enum ReverseSuppression {
  /** The last one to this peer is too recent; the interval grows while they stay unanswered. */
  PEER_INTERVAL,
  /** The peer's session is alive at another IP address, and the last one is not 30 s ago. */
  PEER_ALIVE,
  /** Too many for this peer from one IPv4 address or IPv6 /64; only of tentative answers. */
  PEER_SOURCE_RATE,
  /** Too many from this IPv4 address or IPv6 /64. */
  SOURCE_RATE,
  /** Too many in all. */
  TOTAL_RATE
}
