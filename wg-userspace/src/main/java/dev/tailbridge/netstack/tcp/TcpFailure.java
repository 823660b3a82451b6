package dev.tailbridge.netstack.tcp;

/** Why a connection ended otherwise than by a FIN from either side. */
public enum TcpFailure {
  /** The peer answered our SYN with a reset. */
  REFUSED,
  /** The peer reset the connection. */
  RESET,
  /** Nothing that we sent was acknowledged for too long, or keepalives stayed unanswered. */
  TIMED_OUT,
  /** The network said that there is no way to the peer, and no answer came. */
  UNREACHABLE,
  /** Our own side aborted it. */
  ABORTED
}
