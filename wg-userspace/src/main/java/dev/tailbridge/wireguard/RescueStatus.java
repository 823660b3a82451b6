package dev.tailbridge.wireguard;

import java.util.Map;

/**
 * How often a peer whose clock was set back was helped; see {@link StaleInitiations}. Immutable.
 *
 * @param sent handshakes of ours, or tentative answers, to where stale initiations came from
 * @param answered those that made a session: so often it was let in
 * @param unanswered those that nobody reacted to within five seconds
 * @param suppressed stale initiations that a limit left without one, by limit; absent is never
 */
public record RescueStatus(
    long sent, long answered, long unanswered, Map<ReverseSuppression, Long> suppressed) {

  public RescueStatus {
    suppressed = Map.copyOf(suppressed);
  }

  /** How many stale initiations this limit left without a handshake. */
  public long suppressed(ReverseSuppression by) {
    return suppressed.getOrDefault(by, 0L);
  }
}
