package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.NEVER;
import static dev.tailbridge.wireguard.protocol.Constants.SECOND;

import dev.tailbridge.wireguard.ReverseSuppression;
import org.jspecify.annotations.Nullable;

/** How often one peer may be probed: seldom, and more seldom while probes lead to nothing. */
final class ReverseBackoff {

  static final long SHORTEST_INTERVAL = 5 * SECOND;
  static final long LONGEST_INTERVAL = 120 * SECOND;

  /** Least distance when a live session's peer seems to call from another host. */
  static final long ALIVE_ELSEWHERE_INTERVAL = 30 * SECOND;

  private long interval = SHORTEST_INTERVAL;
  private long lastProbe = NEVER;

  /** Null when a probe may go out now. */
  @Nullable ReverseSuppression refusal(boolean alive, boolean atEndpointHost, long now) {
    if (lastProbe == NEVER) {
      return null;
    }
    long elapsed = now - lastProbe;
    if (elapsed < interval) {
      return ReverseSuppression.PEER_INTERVAL;
    }
    return alive && !atEndpointHost && elapsed < ALIVE_ELSEWHERE_INTERVAL
        ? ReverseSuppression.PEER_ALIVE
        : null;
  }

  void sent(long now) {
    lastProbe = now;
  }

  void lengthen() {
    interval = Math.min(2 * interval, LONGEST_INTERVAL);
  }

  void reset() {
    interval = SHORTEST_INTERVAL;
  }
}
