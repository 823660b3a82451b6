package dev.tailbridge.wireguard.protocol;

import static dev.tailbridge.wireguard.protocol.Constants.SECOND;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket per source, that is per IPv4 address or IPv6 /64: by default 20 a second, 5 at
 * once.
 *
 * <ul>
 *   <li>Where more peers than that were last seen, as many at once: a fleet that comes back behind
 *       one address is no attack.
 *   <li>The table is bounded. Full, it refuses sources that it does not hold: making room would
 *       hand a new burst to whoever was forgotten, and an attacker with enough addresses would have
 *       no limit at all. Sources where a peer was last seen are held apart and never refused for
 *       want of room; there are no more of them than peers.
 *   <li>Other sources are forgotten when unused for a second (or as long as their buckets take to
 *       be full again), so nobody gains by it.
 * </ul>
 *
 * <p>Thread-safe: one serves all event loops.
 */
final class SourceLimiter {

  private static final int BURST = 5;
  private static final long TOKEN = SECOND / 20;

  /** At 20 a second each, far more than can be worked for. */
  static final int MAX_SOURCES = 16_384;

  private record Source(boolean ipv4, long bits) {

    static Source of(InetAddress address) {
      byte[] bytes = address.getAddress();
      boolean ipv4 = bytes.length == 4;
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Source(ipv4, ipv4 ? buffer.getInt() : buffer.getLong());
    }
  }

  /** Kept as the one time at which it will be full again. */
  private final class Bucket {

    long fullAt = Long.MIN_VALUE;
    long usedAt;

    /** How many peers were last seen there. */
    int peers;

    boolean take(long now) {
      usedAt = now;
      long start = Math.max(fullAt, now);
      if (start + token > now + Math.max(burst, peers) * token) {
        return false;
      }
      fullAt = start + token;
      return true;
    }
  }

  private final int burst;
  private final long token;
  private final long idleTime;
  private final int maxSources;

  /** Sources where peers were last seen. */
  private final Map<Source, Bucket> ofPeers = new HashMap<>();

  /** All others, the longest unused first. */
  private final LinkedHashMap<Source, Bucket> others = new LinkedHashMap<>(16, 0.75f, true);

  SourceLimiter() {
    this(BURST, TOKEN, MAX_SOURCES);
  }

  /**
   * @param burst how many tokens there are at most
   * @param tokenNanos how long it takes to make one
   * @param maxSources how many sources are held apart from those of peers
   */
  SourceLimiter(int burst, long tokenNanos, int maxSources) {
    this.burst = burst;
    this.token = tokenNanos;
    this.idleTime = Math.max(SECOND, burst * tokenNanos);
    this.maxSources = maxSources;
  }

  /** Takes a token of this source's; false when there is none. */
  synchronized boolean take(InetAddress address, long nowNanos) {
    Source source = Source.of(address);
    Bucket bucket = ofPeers.get(source);
    if (bucket == null) {
      bucket = others.get(source);
    }
    if (bucket == null) {
      dropIdle(nowNanos);
      if (others.size() >= maxSources) {
        return false;
      }
      bucket = new Bucket();
      others.put(source, bucket);
    }
    return bucket.take(nowNanos);
  }

  /** Undoes the last {@link #take} that this source had. */
  synchronized void giveBack(InetAddress address) {
    Source source = Source.of(address);
    Bucket bucket = ofPeers.getOrDefault(source, others.get(source));
    if (bucket != null) {
      bucket.fullAt -= token;
    }
  }

  /** A peer's endpoint changed, became known or was forgotten. */
  synchronized void peerMoved(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
    if (from != null) {
      ofPeers.computeIfPresent(
          Source.of(from.getAddress()), (source, bucket) -> --bucket.peers > 0 ? bucket : null);
    }
    if (to != null) {
      ofPeers.computeIfAbsent(Source.of(to.getAddress()), this::promote).peers++;
    }
  }

  private Bucket promote(Source source) {
    Bucket bucket = others.remove(source);
    return bucket == null ? new Bucket() : bucket;
  }

  /** How many sources are held apart from those of peers. */
  synchronized int sources() {
    return others.size();
  }

  private void dropIdle(long now) {
    Iterator<Bucket> eldest = others.values().iterator();
    while (eldest.hasNext() && now - eldest.next().usedAt >= idleTime) {
      eldest.remove();
    }
  }
}
