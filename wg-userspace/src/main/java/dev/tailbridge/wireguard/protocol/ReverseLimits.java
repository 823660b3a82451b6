package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.SECOND;

import dev.tailbridge.wireguard.ReverseSuppression;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How much all peers together may make us do for stale initiations: per source and in all.
 *
 * <p>Thread-safe: one serves all event loops.
 */
final class ReverseLimits {

  static final int TOTAL_PER_SECOND = 200;

  private static final long TOTAL_TOKEN = SECOND / TOTAL_PER_SECOND;

  private final SourceLimiter sources = new SourceLimiter();

  /** When the bucket of all, of one second's tokens, will be full again. */
  private long totalFullAt = Long.MIN_VALUE;

  /** A peer's endpoint changed: many peers behind one address need a larger burst. */
  void peerMoved(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
    sources.peerMoved(from, to);
  }

  /** Takes a token of the source's and one of the total; null, or what refused: then neither. */
  synchronized @Nullable ReverseSuppression take(InetAddress address, long now) {
    long totalStart = Math.max(totalFullAt, now);
    if (totalStart + TOTAL_TOKEN > now + TOTAL_PER_SECOND * TOTAL_TOKEN) {
      return ReverseSuppression.TOTAL_RATE;
    }
    if (!sources.take(address, now)) {
      return ReverseSuppression.SOURCE_RATE;
    }
    totalFullAt = totalStart + TOTAL_TOKEN;
    return null;
  }
}
