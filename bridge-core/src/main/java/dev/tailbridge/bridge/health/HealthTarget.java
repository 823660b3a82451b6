package dev.tailbridge.bridge.health;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that may be probed.
 *
 * @param name by which it is asked for
 * @param host as which it is asked by HTTP
 * @param dialer calls it; null when only its tunnel may be asked about
 * @param paths what may be fetched of it by HTTP, the first unless the question says; null for any
 *     path, "/" unless the question says
 * @param lastHandshakeEpochMillis when the last handshake with the WireGuard peer before it, or
 *     whose callers it serves, completed, milliseconds since 1970; 0 for never. From any thread
 * @param tunnelWithin what is not reached by the tunnel counts as healthy only if a handshake is
 *     younger; null when the call itself goes through the tunnel
 */
public record HealthTarget(
    String name,
    String host,
    @Nullable Dialer dialer,
    @Nullable List<String> paths,
    LongSupplier lastHandshakeEpochMillis,
    @Nullable Duration tunnelWithin) {

  /** WireGuard's REJECT_AFTER_TIME: with an older handshake there is no key to talk with. */
  public static final Duration SESSION = Duration.ofMinutes(3);

  public HealthTarget {
    paths = paths == null ? null : List.copyOf(paths);
  }

  /** Whose host is its name. */
  public HealthTarget(
      String name,
      @Nullable Dialer dialer,
      @Nullable List<String> paths,
      LongSupplier lastHandshakeEpochMillis,
      @Nullable Duration tunnelWithin) {
    this(name, name, dialer, paths, lastHandshakeEpochMillis, tunnelWithin);
  }

  boolean mayFetch(String path) {
    return paths == null || paths.contains(path);
  }

  String defaultPath() {
    return paths == null || paths.isEmpty() ? "/" : paths.get(0);
  }
}
