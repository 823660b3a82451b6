package dev.tailbridge.netstack.tcp;

/**
 * How many acknowledgments a connection sends in answer to segments that do not belong there (RFC
 * 5961 7). Counted for each connection: a common counter could be read from outside.
 */
final class ChallengeLimit {

  private static final int MOST = 10;
  private static final long PERIOD = 1_000_000_000L;

  private long begun;
  private int sent;

  boolean allows(long now) {
    if (sent == 0 || now - begun >= PERIOD) {
      begun = now;
      sent = 0;
    }
    return sent < MOST && ++sent > 0;
  }
}
