package dev.tailbridge.bridge;

import dev.tailbridge.bridge.device.LogLimit;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers who wanted to connect and is no device: most often one that was not added yet.
 *
 * <p>Keeps the {@link #MOST} that were seen last, and logs each once a minute and no more than
 * {@link #LINES_A_MINUTE} in all: whoever knows our public key can make up any number of keys.
 * Thread-safe.
 */
final class UnknownKeys {

  static final int MOST = 32;
  static final int LINES_A_MINUTE = 20;

  private static final Logger LOG = LoggerFactory.getLogger("wireguard");

  private final LogLimit limit = new LogLimit(LINES_A_MINUTE);

  /** The one seen last at the end. Guarded by this. */
  private final Map<PublicKey, Seen> seen = new LinkedHashMap<>();

  /**
   * One of them.
   *
   * @param source where it was heard last
   * @param lastEpochMillis when
   */
  record Seen(PublicKey key, InetSocketAddress source, long times, long lastEpochMillis) {}

  void heard(PublicKey key, InetSocketAddress source) {
    remember(key, source, System.currentTimeMillis());
    if (limit.pass(key, System.nanoTime()) != LogLimit.SUPPRESSED) {
      LOG.warn(
          "{} wants to connect with the unknown public key {}: if it is yours, add a [[device]]"
              + " with it",
          source.getAddress().getHostAddress() + ":" + source.getPort(),
          key.toBase64());
    }
  }

  synchronized void remember(PublicKey key, InetSocketAddress source, long nowEpochMillis) {
    Seen before = seen.remove(key);
    seen.put(key, new Seen(key, source, before == null ? 1 : before.times() + 1, nowEpochMillis));
    if (seen.size() > MOST) {
      seen.remove(seen.keySet().iterator().next());
    }
  }

  /** The one seen last first. */
  synchronized List<Seen> list() {
    List<Seen> list = new ArrayList<>(seen.values());
    Collections.reverse(list);
    return list;
  }
}
