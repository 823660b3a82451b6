package dev.tailbridge.bridge.device;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Lets one line a minute and cause into the log, so that neither a broken device nor an attacker
 * fills the disk.
 *
 * <p>Remembers {@link #CAUSES} causes; beyond them the eldest is forgotten. Thread-safe.
 */
public final class LogLimit {

  /** What {@link #pass} says of a line that is not to be written. */
  public static final long SUPPRESSED = -1;

  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int CAUSES = 256;

  // Guarded by this.
  private final Map<Object, Cause> causes =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Cause> eldest) {
          return size() > CAUSES;
        }
      };

  private static final class Cause {
    private long lastLine;
    private long suppressed;

    Cause(long now) {
      lastLine = now;
    }
  }

  /**
   * Whether a line about this cause may be written now.
   *
   * @return how many were suppressed since the last that was written, or {@link #SUPPRESSED}
   */
  public synchronized long pass(Object cause, long nowNanos) {
    Cause known = causes.get(cause);
    if (known == null) {
      causes.put(cause, new Cause(nowNanos));
      return 0;
    }
    if (nowNanos - known.lastLine < QUIET_NANOS) {
      known.suppressed++;
      return SUPPRESSED;
    }
    long suppressed = known.suppressed;
    known.suppressed = 0;
    known.lastLine = nowNanos;
    return suppressed;
  }
}
