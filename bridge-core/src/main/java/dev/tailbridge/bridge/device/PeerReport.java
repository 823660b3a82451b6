package dev.tailbridge.bridge.device;

import dev.tailbridge.bridge.device.Finding.Kind;
import dev.tailbridge.wireguard.StaleInitiations;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Explains what happens between the bridge and one device's WireGuard: each event is a line in the
 * log, limited, and what somebody can mend is a {@link Finding} besides.
 *
 * <p>Confined to the device's event loop.
 */
public final class PeerReport {

  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Timestamps so little behind do not come from a wrong clock. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

  /** No clock that counts from 1970 or later is so far behind. */
  private static final Duration CLOCK_RANGE = Duration.ofDays(36_500);

  private final DeviceLog log;
  private final InstantSource clock;
  private final Map<Kind, Finding> findings = new EnumMap<>(Kind.class);
  private @Nullable Duration behind;
  private long rescued;
  private long handshakes;
  private long handshakesAbandoned;

  PeerReport(DeviceLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  /** A session began. */
  public void handshake(@Nullable InetSocketAddress endpoint) {
    handshakes++;
    log.handshake(endpoint);
  }

  /** The bridge called it, again and again, and got no answer. */
  public void handshakeAbandoned() {
    handshakesAbandoned++;
  }

  /** It was heard at another address or port. */
  public void moved(InetSocketAddress from, InetSocketAddress to) {
    boolean portOnly = from.getAddress().equals(to.getAddress());
    log.limited(
        "endpoint",
        () ->
            "moved from "
                + text(from)
                + (portOnly
                    ? " to port " + to.getPort() + ", as behind a NAT"
                    : " to " + text(to)));
  }

  /**
   * It sent an initiation with a timestamp that is not newer than its last.
   *
   * @param nanos how far the timestamp is behind the bridge's own clock; negative when it is ahead,
   *     but less than before
   * @param action what the bridge now does; unless it is nothing, another event tells how that went
   */
  public void staleInitiation(long nanos, InetSocketAddress source, StaleInitiations action) {
    behind = Duration.ofNanos(nanos);
    found(Kind.STALE_CLOCK, clockText());
    if (action == StaleInitiations.DROP) {
      log.limited(Kind.STALE_CLOCK.name(), () -> clockText() + "; it called from " + text(source));
    }
  }

  /** What the bridge did after a stale initiation has let it in. */
  public void rescued(StaleInitiations action) {
    rescued++;
    reword(Kind.STALE_CLOCK, clockText());
    String how =
        action == StaleInitiations.TENTATIVE
            ? "was connected tentatively: "
            : "was connected by a handshake of the bridge's own: ";
    log.limited("rescued", () -> how + clockText());
  }

  /** It did not react to that. */
  public void notRescued(StaleInitiations action) {
    warn(
        Kind.NOT_RESCUED,
        "sends handshakes with an old timestamp and does not react to what the bridge sends then:"
            + " let it set its clock by SNTP, outside of the tunnel, before it connects"
            + (action == StaleInitiations.REVERSE
                ? "; or write stale_clock = \"tentative\" for it"
                : ""));
  }

  /**
   * Its handshake's timestamp lies in the future.
   *
   * @param nanos how far the timestamp is ahead of the bridge's own clock
   */
  public void clockAhead(long nanos) {
    warn(
        Kind.CLOCK_AHEAD,
        "its clock is "
            + span(Duration.ofNanos(nanos))
            + " ahead, if the bridge's own is right: enable SNTP on it; until that time is reached,"
            + " handshakes with the right one count as old");
  }

  /** A response of its does not decrypt. */
  public void presharedKeyDiffers() {
    warn(
        Kind.PRESHARED_KEY,
        "its handshake response does not decrypt: is the preshared key the same?");
  }

  /** The bridge answered several handshakes of its, and it used none of the sessions. */
  public void unconfirmed() {
    warn(
        Kind.UNCONFIRMED,
        "asks for one session after the other and uses none: the preshared keys differ, or the"
            + " bridge's answers do not reach it");
  }

  /** It sent a packet from an inner address that is not its own. */
  public void foreignSource() {
    warn(
        Kind.FOREIGN_SOURCE,
        "sends packets from an address that is not its own: its tunnel address must be the one in"
            + " devices.toml");
  }

  /** What was found since the bridge started. */
  public List<Finding> findings() {
    return List.copyOf(findings.values());
  }

  /** Sessions that began. */
  public long handshakes() {
    return handshakes;
  }

  /** Calls of the bridge's that it never answered. */
  public long handshakesAbandoned() {
    return handshakesAbandoned;
  }

  /** How often it was let in in spite of its clock. */
  public long timesRescued() {
    return rescued;
  }

  /** How far its clock was behind at its last stale initiation; null before one. */
  public @Nullable Duration clockBehind() {
    return behind;
  }

  private String clockText() {
    return clockFault()
        + ": enable SNTP, and let it ask outside of the tunnel, before it connects"
        + (rescued == 0 ? "" : "; rescued " + (rescued == 1 ? "once" : rescued + " times"));
  }

  private String clockFault() {
    Duration by = behind;
    if (by == null || by.compareTo(CLOCK_TOLERANCE) < 0) {
      return "its clock jumped back, so its handshakes are refused";
    }
    if (by.compareTo(CLOCK_RANGE) > 0) {
      return "its timestamps are no times and jumped back, so its handshakes are refused";
    }
    return "its clock is at "
        + MINUTE.format(clock.instant().minus(by))
        + ", "
        + span(by)
        + " behind, so its handshakes are refused";
  }

  private void warn(Kind kind, String text) {
    found(kind, text);
    log.limited(kind.name(), () -> text);
  }

  private void found(Kind kind, String text) {
    Finding before = findings.get(kind);
    findings.put(
        kind, new Finding(kind, text, before == null ? 1 : before.times() + 1, clock.millis()));
  }

  private void reword(Kind kind, String text) {
    findings.computeIfPresent(
        kind, (same, found) -> new Finding(kind, text, found.times(), found.lastEpochMillis()));
  }

  /** In the largest unit that fits, which is all that a person wants to know. */
  private static String span(Duration duration) {
    Instant end = Instant.EPOCH.plus(duration);
    long days = duration.toDays();
    if (days >= 730) {
      return (end.atZone(ZoneOffset.UTC).getYear() - 1970) + " years";
    }
    return days >= 2
        ? days + " days"
        : duration.toHours() >= 2
            ? duration.toHours() + " hours"
            : duration.toMinutes() >= 2
                ? duration.toMinutes() + " minutes"
                : duration.toSeconds() + " s";
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
