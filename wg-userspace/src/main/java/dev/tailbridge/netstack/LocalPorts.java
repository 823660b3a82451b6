package dev.tailbridge.netstack;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Chooses the ports of calls at random (RFC 6056 3.3.1), and leaves out those whose last connection
 * to the same place the peer may still remember.
 */
final class LocalPorts {

  private static final int FIRST = 1024;
  private static final int COUNT = 65536 - FIRST;

  /** Tuples that are remembered; over it the oldest is forgotten early. */
  private static final int MAX_QUIET = COUNT;

  private final Random random;
  private final long quietNanos;
  private final Predicate<FourTuple> taken;

  /** Until when a tuple rests. Oldest first, since all rest equally long. */
  private final Map<FourTuple, Long> quiet = new LinkedHashMap<>();

  LocalPorts(Random random, long quietNanos, Predicate<FourTuple> taken) {
    this.random = random;
    this.quietNanos = quietNanos;
    this.taken = taken;
  }

  /** The peer may know a connection that is over here. */
  void rest(FourTuple ended, long now) {
    if (quietNanos == 0) {
      return;
    }
    expire(now);
    if (quiet.size() >= MAX_QUIET) {
      Iterator<FourTuple> oldest = quiet.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    quiet.remove(ended);
    quiet.put(ended, now + quietNanos);
  }

  boolean isFree(FourTuple tuple, long now) {
    expire(now);
    return !quiet.containsKey(tuple) && !taken.test(tuple);
  }

  /**
   * The same tuple with a free local port.
   *
   * @throws IllegalStateException when there is none
   */
  FourTuple choose(FourTuple call, long now) {
    expire(now);
    int first = random.nextInt(COUNT);
    int resting = 0;
    for (int i = 0; i < COUNT; i++) {
      FourTuple tuple = call.withLocalPort(FIRST + (first + i) % COUNT);
      if (quiet.containsKey(tuple)) {
        resting++;
      } else if (!taken.test(tuple)) {
        return tuple;
      }
    }
    throw new IllegalStateException(
        String.format(
            "no free port to call %s: %d in use, %d used within the last %d s",
            call.remote(), COUNT - resting, resting, quietNanos / 1_000_000_000));
  }

  private void expire(long now) {
    Iterator<Long> oldest = quiet.values().iterator();
    while (oldest.hasNext() && oldest.next() <= now) {
      oldest.remove();
    }
  }
}
