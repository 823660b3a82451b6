package dev.tailbridge.bridge.device;

import dev.tailbridge.tailnet.NodeState;
import dev.tailbridge.tailnet.NodeStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Says in time that the key of a device's node ends, and what to do once it has.
 *
 * <p>It is told from thirty days before; the log has it again as the end comes near. Confined to
 * the device's event loop.
 */
final class KeyExpiry {

  /** How many days before the end a line is logged. */
  private static final int[] LOGGED_DAYS = {30, 14, 7, 3, 2, 1, 0};

  private final DeviceLog log;
  private final InstantSource clock;
  private final boolean hasCredential;
  private @Nullable Instant end;
  private int nextLine; // index into LOGGED_DAYS
  private boolean ended;
  private @Nullable Finding finding;

  /**
   * @param hasCredential whether the bridge can log the node in by itself
   */
  KeyExpiry(DeviceLog log, InstantSource clock, boolean hasCredential) {
    this.log = log;
    this.clock = clock;
    this.hasCredential = hasCredential;
  }

  /** The node has something to say; a node that does not run may not know its own key's end. */
  void nodeChanged(NodeStatus status) {
    Instant known = status.keyExpiry();
    if (known != null ? !known.equals(end) : status.state() == NodeState.RUNNING && end != null) {
      end = known;
      nextLine = 0;
      ended = false;
      finding = null;
    }
    look();
  }

  /** Looks at the clock; to be called from time to time. */
  void look() {
    Instant at = end;
    if (at == null) {
      return;
    }
    Duration left = Duration.between(clock.instant(), at);
    if (left.isNegative() || left.isZero()) {
      if (!ended) {
        ended = true;
        found(endedText(at));
      }
    } else if (left.toDays() <= LOGGED_DAYS[0] && nextLine < LOGGED_DAYS.length) {
      comesNear(at, left.toDays());
    }
  }

  /** What somebody should know; null when the key does not end soon. */
  @Nullable Finding finding() {
    return finding;
  }

  private void comesNear(Instant at, long days) {
    if (days > LOGGED_DAYS[nextLine]) {
      return;
    }
    while (nextLine < LOGGED_DAYS.length && days <= LOGGED_DAYS[nextLine]) {
      nextLine++;
    }
    found(
        "the key of its tailnet node ends on "
            + date(at)
            + (hasCredential
                ? "; the bridge then logs it in again with the credential in devices.toml, if that"
                    + " is still good"
                : "; somebody must log it in again then")
            + ". To have no end, switch off key expiry for this machine at the control server, or"
            + " give it tags");
  }

  private String endedText(Instant at) {
    return "the key of its tailnet node ended on "
        + date(at)
        + (hasCredential
            ? "; the bridge logs it in again with the credential in devices.toml, and if that fails"
                + " put a new one there"
            : "; log it in again at the login URL");
  }

  private void found(String text) {
    Finding before = finding;
    finding =
        new Finding(
            Finding.Kind.KEY_EXPIRY, text, before == null ? 1 : before.times() + 1, clock.millis());
    log.warn(text);
  }

  private static LocalDate date(Instant at) {
    return at.atZone(ZoneOffset.UTC).toLocalDate();
  }
}
