package dev.tailbridge.wireguard;

/** Why a datagram or an IP packet went no further. Every drop has exactly one. */
public enum DropReason {
  /** Not a WireGuard message: unknown type, or a length that its type cannot have. */
  MALFORMED_DATAGRAM,
  /** A handshake message for another public key than ours, or plain junk. */
  BAD_MAC1,
  /** A handshake from a public key that is no configured peer. */
  UNKNOWN_KEY,
  /** A message for a session or handshake that does not exist (any more). */
  UNKNOWN_INDEX,
  /** An initiation that does not decrypt, or whose keys are of low order. */
  INVALID_INITIATION,
  /** An initiation whose timestamp is not newer than the last: a replay, or a clock set back. */
  STALE_INITIATION,
  /** While handshakes pile up: its sender was sent a cookie, to prove its address with. */
  UNDER_LOAD,
  /** While handshakes pile up: more than 20 a second from one address, all with a good cookie. */
  RATE_LIMITED,
  /** A handshake message for which there was no room any more in the queue. */
  HANDSHAKE_QUEUE_FULL,
  /** A datagram that came in on another event loop than its peer's, which cannot keep up. */
  LOOP_QUEUE_FULL,
  /** An initiation that another handshake overtook while its answer was computed. */
  SUPERSEDED,
  /** A second initiation within 20 ms of the last accepted one. */
  INITIATION_FLOOD,
  /** A response that does not decrypt: most often the preshared keys differ. */
  INVALID_RESPONSE,
  /** A cookie reply to nothing that we sent. */
  INVALID_COOKIE,
  /** Encrypted with a session that is older than 180 s. */
  EXPIRED_KEY,
  /** A message counter at the end of its range. */
  COUNTER_LIMIT,
  /** A data packet that does not authenticate. */
  BAD_TAG,
  /** A data packet whose counter was seen before, or fell out of the window. */
  REPLAY,
  /** A decrypted packet that is neither IPv4 nor IPv6, or is cut short. */
  INNER_MALFORMED,
  /** A decrypted packet whose source address does not belong to the peer that sent it. */
  INNER_SOURCE_DENIED,
  /** A decrypted packet for which no receiver is set. */
  NO_RECEIVER,
  /** Outgoing: no peer's allowed addresses contain the destination. */
  NO_ROUTE,
  /** Outgoing: the peer was never heard and none is configured, so there is nowhere to send. */
  NO_ENDPOINT,
  /** Outgoing: no open socket has the address family of the peer's endpoint. */
  NO_SOCKET,
  /** Outgoing: larger than the MTU, or than the path carries in one datagram. */
  PACKET_TOO_BIG,
  /** Outgoing: more packets waited for a session than are kept; the oldest went. */
  STAGED_OVERFLOW,
  /** Outgoing: waited for a session that did not come about within the retries. */
  HANDSHAKE_ABANDONED,
  /** Outgoing: the socket's queue is full. */
  SEND_QUEUE_FULL,
  /** Outgoing: the operating system refused the datagram. */
  SEND_FAILED,
  /** The peer was removed meanwhile. */
  PEER_REMOVED
}
