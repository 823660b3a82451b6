package dev.tailbridge.wireguard;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** A count per constant: written on one event loop only, readable from any thread. */
final class EnumCounters<E extends Enum<E>> {

  private final Class<E> type;

  /** Complete from the start and never changed, so that any thread may look things up. */
  private final Map<E, AtomicLong> counts;

  EnumCounters(Class<E> type) {
    this.type = type;
    Map<E, AtomicLong> all = new EnumMap<>(type);
    for (E constant : type.getEnumConstants()) {
      all.put(constant, new AtomicLong());
    }
    counts = Collections.unmodifiableMap(all);
  }

  void count(E constant) {
    AtomicLong count = counter(constant);
    // One writer, so no atomic addition is needed.
    count.setOpaque(count.getPlain() + 1);
  }

  long get(E constant) {
    return counter(constant).getOpaque();
  }

  /** Those that occurred. */
  Map<E, Long> snapshot() {
    Map<E, Long> seen = new EnumMap<>(type);
    counts.forEach(
        (constant, counter) -> {
          long count = counter.getOpaque();
          if (count > 0) {
            seen.put(constant, count);
          }
        });
    return seen;
  }

  private AtomicLong counter(E constant) {
    return Objects.requireNonNull(counts.get(constant));
  }
}
