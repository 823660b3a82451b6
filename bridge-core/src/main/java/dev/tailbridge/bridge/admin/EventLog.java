package dev.tailbridge.bridge.admin;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The last {@value #KEPT} events, numbered, so that a client that was away can be told what it
 * missed. Their identifiers begin with a word that no other run of the bridge has. Thread-safe.
 */
final class EventLog {
  static final int KEPT = 1024;

  private final String run = Long.toHexString(new SecureRandom().nextLong());
  private final Deque<Event> kept = new ArrayDeque<>();
  private long last;

  /**
   * @param type for programs
   * @param data JSON in one line
   */
  record Event(long number, String type, String data) {}

  synchronized void add(String type, String data) {
    kept.add(new Event(++last, type, data));
    if (kept.size() > KEPT) {
      kept.remove();
    }
    notifyAll();
  }

  /** The number of the last event; 0 before the first. */
  synchronized long last() {
    return last;
  }

  /** What a client sends back as {@code Last-Event-ID}. */
  String id(long number) {
    return run + "-" + number;
  }

  /** The number behind an identifier; -1 when not all that came after it is here. */
  synchronized long resume(@Nullable String id) {
    if (id == null || !id.startsWith(run + "-")) {
      return -1;
    }
    try {
      long number = Long.parseLong(id.substring(run.length() + 1));
      return number <= last && isWhole(number) ? number : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private boolean isWhole(long after) {
    return after >= last - kept.size();
  }

  /**
   * Waits until there is something new.
   *
   * @return the events after that number; none when the time is over; null when they are no longer
   *     all here
   */
  synchronized @Nullable List<Event> await(long after, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long left = deadline - System.nanoTime();
    while (last <= after && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
    return isWhole(after) ? kept.stream().filter(event -> event.number() > after).toList() : null;
  }
}
