package dev.tailbridge.bridge.service;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The host's clock, and whether it can be right. A machine without a battery starts in 1970, or
 * where it was switched off, and devices that were told such a time would keep it.
 *
 * <p>Thread-safe.
 */
public final class HostClock {

  private static final Instant BUILT = built();

  private final InstantSource clock;
  private final Instant built;
  private final Supplier<Instant> seen;

  /**
   * @param seen the latest time that any bridge with this state has seen
   */
  public HostClock(Supplier<Instant> seen) {
    this(InstantSource.system(), BUILT, seen);
  }

  HostClock(InstantSource clock, Instant built, Supplier<Instant> seen) {
    this.clock = clock;
    this.built = built;
    this.seen = seen;
  }

  Instant now() {
    return clock.instant();
  }

  /** Whether it is past when this bridge was built, and past every time that was seen before. */
  boolean isPlausible() {
    return problem() == null;
  }

  /** Why it cannot be right and what to do, as half a sentence; null when it can. */
  public @Nullable String problem() {
    Instant now = now();
    if (now.isBefore(built)) {
      return "it shows "
          + text(now)
          + ", before this bridge was built ("
          + text(built)
          + "): let the host set it by NTP, else devices are told no time";
    }
    Instant latest = seen.get();
    if (now.isBefore(latest)) {
      return "it shows "
          + text(now)
          + ", and was at "
          + text(latest)
          + " before: let the host set it by NTP; devices are told no time until then";
    }
    return null;
  }

  private static String text(Instant time) {
    return DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.SECONDS));
  }

  /** Left out of a build by an IDE, which fills nothing in. */
  private static Instant built() {
    Properties properties = new Properties();
    try (InputStream file = HostClock.class.getResourceAsStream("build.properties")) {
      if (file != null) {
        properties.load(file);
      }
      return Instant.parse(properties.getProperty("date", ""));
    } catch (IOException | DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
