package dev.tailbridge.bridge.device;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a node goes offline in the tailnet because its device is away, and when it comes
 * back.
 *
 * <ul>
 *   <li>Away is who was not heard for {@link #AWAY_NANOS}. A device that says nothing by itself is
 *       heard once its session ended, after three minutes, and the bridge's keepalive began
 *       another; so silence has to last longer than that.
 *   <li>Back is who is heard, at once; but between two orders lie {@link #GAP_NANOS}, since each
 *       changes the network map of every machine that sees the node.
 *   <li>No clock: times are a parameter, nanoseconds of {@link System#nanoTime}.
 * </ul>
 */
final class Presence {

  static final long AWAY_NANOS = TimeUnit.MINUTES.toNanos(4);
  static final long GAP_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final long awayNanos;
  private final long gapNanos;
  private long lastHeard;
  private long lastOrder;
  private boolean online = true;

  /** A device counts as heard when the bridge starts. */
  Presence(long nowNanos) {
    this(nowNanos, AWAY_NANOS, GAP_NANOS);
  }

  Presence(long nowNanos, long awayNanos, long gapNanos) {
    this.awayNanos = awayNanos;
    this.gapNanos = gapNanos;
    this.lastHeard = nowNanos;
    this.lastOrder = nowNanos;
  }

  /** Something authentic came from the device. */
  void heard(long nowNanos) {
    lastHeard = nowNanos;
  }

  /** A node began to run, which it does online. */
  void nodeStarted(long nowNanos) {
    online = true;
    lastOrder = nowNanos;
  }

  /**
   * What to tell the node now; it counts as told.
   *
   * @return whether it is to be online; null when nothing is to change
   */
  @Nullable Boolean order(long nowNanos) {
    boolean wanted = nowNanos - lastHeard < awayNanos;
    if (wanted == online || nowNanos - lastOrder < gapNanos) {
      return null;
    }
    online = wanted;
    lastOrder = nowNanos;
    return wanted;
  }

  /** The last order was not carried out; it is given again after the gap. */
  void notDone() {
    online = !online;
  }
}
