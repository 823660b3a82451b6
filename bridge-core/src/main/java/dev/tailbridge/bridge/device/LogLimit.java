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

  private final int linesAMinute;

  // Guarded by this.
  private long minuteBegan;
  private int linesInMinute;
  private final Map<Object, Cause> causes =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Cause> eldest) {
          return size() > CAUSES;
        }
      };

  /** A cause that was heard, or would have been. */
  private static final class Cause {
    private long lastLine;
    private boolean heard;
    private long suppressed;
  }

  /** For causes of which there are few. */
  public LogLimit() {
    this(Integer.MAX_VALUE);
  }

  /**
   * For causes that others can make up.
   *
   * @param linesAMinute for all causes together
   */
  public LogLimit(int linesAMinute) {
    this.linesAMinute = linesAMinute;
  }

  /**
   * Whether a line about this cause may be written now.
   *
   * @return how many were suppressed since the last that was written, or {@link #SUPPRESSED}
   */
  public synchronized long pass(Object cause, long nowNanos) {
    Cause known = causes.computeIfAbsent(cause, unknown -> new Cause());
    if ((known.heard && nowNanos - known.lastLine < QUIET_NANOS) || !lineLeft(nowNanos)) {
      known.suppressed++;
      return SUPPRESSED;
    }
    long suppressed = known.suppressed;
    known.suppressed = 0;
    known.heard = true;
    known.lastLine = nowNanos;
    return suppressed;
  }

  private boolean lineLeft(long nowNanos) {
    if (linesInMinute == 0 || nowNanos - minuteBegan >= QUIET_NANOS) {
      minuteBegan = nowNanos;
      linesInMinute = 0;
    }
    if (linesInMinute >= linesAMinute) {
      return false;
    }
    linesInMinute++;
    return true;
  }
}
