package dev.tailbridge.wireguard;

/**
 * What to do about a peer's initiations whose timestamp is not newer than the greatest one seen:
 * what a device without a clock sends after a reboot, and what a replay looks like. Whatever is
 * chosen, the greatest timestamp stays, and a replay cannot end a session or move an endpoint.
 */
public enum StaleInitiations {
  /**
   * Drop them, and start a handshake of our own towards where they came from. Every client that
   * answers initiations is back within a round trip.
   */
  REVERSE,
  /**
   * Answer them, and believe nothing until the peer has used the new session. For clients that do
   * not answer initiations; a replay costs us more than with {@link #REVERSE}, up to limits.
   */
  TENTATIVE,
  /** Drop them, as other WireGuard implementations do. */
  DROP
}
