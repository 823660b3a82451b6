package dev.tailbridge.wireguard.protocol;

/**
 * A message as the reference model sees it. An initiation has a number that grows like its
 * timestamp; the session that comes of it bears the same number at both ends.
 */
sealed interface ModelMessage {

  int KEEPALIVE = -1;

  record Initiation(int number) implements ModelMessage {}

  record Response(int number) implements ModelMessage {}

  /**
   * Transport data.
   *
   * @param packet the number of the packet inside; {@link #KEEPALIVE} for none
   */
  record Transport(int session, long counter, int packet) implements ModelMessage {}
}
