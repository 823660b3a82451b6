package dev.tailbridge.wireguard;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Drops by reason: written on the event loop only, readable from any thread. */
final class DropCounters {

  /** Complete from the start and never changed, so that any thread may look things up. */
  private final Map<DropReason, AtomicLong> counts;

  DropCounters() {
    Map<DropReason, AtomicLong> all = new EnumMap<>(DropReason.class);
    for (DropReason reason : DropReason.values()) {
      all.put(reason, new AtomicLong());
    }
    counts = Collections.unmodifiableMap(all);
  }

  void count(DropReason reason) {
    AtomicLong count = counter(reason);
    // One writer, so no atomic addition is needed.
    count.setOpaque(count.getPlain() + 1);
  }

  long get(DropReason reason) {
    return counter(reason).getOpaque();
  }

  /** The reasons that occurred. */
  Map<DropReason, Long> snapshot() {
    Map<DropReason, Long> seen = new EnumMap<>(DropReason.class);
    counts.forEach(
        (reason, counter) -> {
          long count = counter.getOpaque();
          if (count > 0) {
            seen.put(reason, count);
          }
        });
    return seen;
  }

  private AtomicLong counter(DropReason reason) {
    return Objects.requireNonNull(counts.get(reason));
  }
}
