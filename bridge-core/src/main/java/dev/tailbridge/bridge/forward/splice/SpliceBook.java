package dev.tailbridge.bridge.forward.splice;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/** All calls of one device that have not ended, and what became of those that have. */
final class SpliceBook {

  /** Calls at a time, the waiting ones included; a SYN over it is dropped and comes again. */
  static final int MAX_CALLS = 1024;

  private final LongSupplier nanoTime;
  private final Set<Splice> calls = new LinkedHashSet<>();
  private int open;
  private int dialing;
  private long accepted;
  private long refused;
  private long unanswered;
  private long abandoned;
  private long dialNanos;
  private long handshakeNanos;

  SpliceBook(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  boolean isFull() {
    return calls.size() >= MAX_CALLS;
  }

  void offered(Splice call) {
    calls.add(call);
  }

  void dialed(Splice call) {
    dialing++;
    call.since = nanoTime.getAsLong();
  }

  void answered(Splice call) {
    long now = nanoTime.getAsLong();
    dialNanos += now - call.since;
    call.since = now;
  }

  void through(Splice call) {
    dialing--;
    open++;
    accepted++;
    handshakeNanos += nanoTime.getAsLong() - call.since;
  }

  /** Takes it out, having been in {@code phase} until now. */
  void ended(Splice call, Splice.Phase phase, Splice.End how) {
    calls.remove(call);
    switch (phase) {
      case WAITING, ENDED -> {}
      case DIALING -> dialing--;
      case OPEN -> open--;
    }
    switch (how) {
      case REFUSED -> refused++;
      case UNANSWERED -> unanswered++;
      case ABANDONED -> abandoned++;
      case OVER -> {}
    }
  }

  void abortAll() {
    List.copyOf(calls).forEach(Splice::abort);
  }

  SpliceStats stats() {
    int waiting = calls.size() - dialing - open;
    return new SpliceStats(
        open,
        dialing,
        waiting,
        accepted,
        refused,
        unanswered,
        abandoned,
        dialNanos,
        handshakeNanos);
  }
}
