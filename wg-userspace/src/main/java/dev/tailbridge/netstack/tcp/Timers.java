package dev.tailbridge.netstack.tcp;

import java.util.Arrays;

/** The deadlines of one connection. */
final class Timers {

  enum Name {
    /** Something unacknowledged has to be sent again (RFC 6298). */
    RETRANSMIT,
    /** Nothing is on its way, but something waits for the peer's window (RFC 9293 3.8.6.1). */
    PERSIST,
    /** A gap is suspected for which too few duplicate acknowledgments came. */
    GAP,
    /** Nothing was heard of the end of what was sent (RFC 8985 7). */
    TAIL_LOSS,
    DELAYED_ACK,
    KEEP_ALIVE,
    /** TIME-WAIT, or a FIN-WAIT-2 that nobody reads, ends. */
    LINGER
  }

  static final long NEVER = Long.MAX_VALUE;

  private final long[] deadlines = new long[Name.values().length];

  Timers() {
    clear();
  }

  void set(Name name, long deadline) {
    deadlines[name.ordinal()] = deadline;
  }

  void cancel(Name name) {
    deadlines[name.ordinal()] = NEVER;
  }

  boolean isSet(Name name) {
    return deadlines[name.ordinal()] != NEVER;
  }

  /** Whether it is due; it is cancelled then. */
  boolean takeDue(Name name, long now) {
    boolean due = deadlines[name.ordinal()] <= now;
    if (due) {
      cancel(name);
    }
    return due;
  }

  void clear() {
    Arrays.fill(deadlines, NEVER);
  }

  /** The earliest; {@link #NEVER} for none. */
  long next() {
    long next = NEVER;
    for (long deadline : deadlines) {
      next = Math.min(next, deadline);
    }
    return next;
  }
}
