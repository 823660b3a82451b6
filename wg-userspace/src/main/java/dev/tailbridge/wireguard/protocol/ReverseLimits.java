package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.SECOND;

import dev.tailbridge.wireguard.ReverseSuppression;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many probes all peers together may cause: per source (an IPv4 address or an IPv6 /64) and in
 * all.
 *
 * <p>Each limit is a token bucket kept as the one time at which it will be full again.
 */
final class ReverseLimits {

  static final int SOURCE_BURST = 5;
  static final int TOTAL_PER_SECOND = 200;

  /** Only sources that are not at rest need an entry; the total keeps them far below this. */
  static final int MAX_SOURCES = 1024;

  private static final long SOURCE_TOKEN = SECOND / 20;
  private static final long TOTAL_TOKEN = SECOND / TOTAL_PER_SECOND;

  private record Source(boolean ipv4, long bits) {

    static Source of(InetAddress address) {
      byte[] bytes = address.getAddress();
      boolean ipv4 = bytes.length == 4;
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Source(ipv4, ipv4 ? buffer.getInt() : buffer.getLong());
    }
  }

  /** When each source's bucket will be full. */
  private final Map<Source, Long> fullAt = new HashMap<>();

  private final Map<Source, Integer> peersAt = new HashMap<>();
  private long totalFullAt = Long.MIN_VALUE;

  /** A peer's endpoint changed: many peers behind one address need a larger burst. */
  void peerMoved(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
    if (from != null) {
      peersAt.computeIfPresent(
          Source.of(from.getAddress()), (source, count) -> count > 1 ? count - 1 : null);
    }
    if (to != null) {
      peersAt.merge(Source.of(to.getAddress()), 1, Integer::sum);
    }
  }

  /** Takes a token of the source's and one of the total; null, or what refused: then neither. */
  @Nullable ReverseSuppression take(InetAddress address, long now) {
    long totalStart = Math.max(totalFullAt, now);
    if (totalStart + TOTAL_TOKEN > now + TOTAL_PER_SECOND * TOTAL_TOKEN) {
      return ReverseSuppression.TOTAL_RATE;
    }
    Source source = Source.of(address);
    long burst = Math.max(SOURCE_BURST, peersAt.getOrDefault(source, 0));
    long start = Math.max(fullAt.getOrDefault(source, now), now);
    if (start + SOURCE_TOKEN > now + burst * SOURCE_TOKEN || !hasRoom(source, now)) {
      return ReverseSuppression.SOURCE_RATE;
    }
    fullAt.put(source, start + SOURCE_TOKEN);
    totalFullAt = totalStart + TOTAL_TOKEN;
    return null;
  }

  private boolean hasRoom(Source source, long now) {
    if (fullAt.size() >= MAX_SOURCES && !fullAt.containsKey(source)) {
      fullAt.values().removeIf(time -> time <= now);
      return fullAt.size() < MAX_SOURCES;
    }
    return true;
  }

  int sources() {
    return fullAt.size();
  }
}
