package dev.tailbridge.netstack.tcp;

import dev.tailbridge.netstack.tcp.Timers.Name;

/** Asks a peer that is silent whether it lives (RFC 9293 3.8.4). */
final class KeepAlive {

  /** RFC 9293 3.8.4 leaves both open; Linux takes 75 s and 9. */
  private static final long INTERVAL = 15_000_000_000L;

  private static final int PROBES = 4;

  private final Tcb tcb;
  private boolean due;
  private int unanswered;

  KeepAlive(Tcb tcb) {
    this.tcb = tcb;
  }

  /** The peer was heard, or silence did not count until now. */
  void restart(long now) {
    unanswered = 0;
    if (tcb.config.keepAlive() > 0 && !tcb.pause.on() && isPossible()) {
      tcb.timers.set(Name.KEEP_ALIVE, now + tcb.config.keepAlive());
    }
  }

  /** One probe goes with the next poll. */
  void ask() {
    due = isPossible();
  }

  /**
   * The peer was silent for long.
   *
   * @return whether it was asked often enough
   */
  boolean expired(long now) {
    if (unanswered >= PROBES) {
      return true;
    }
    unanswered++;
    due = true;
    tcb.timers.set(Name.KEEP_ALIVE, now + INTERVAL);
    return false;
  }

  boolean takeDue() {
    boolean was = due;
    due = false;
    return was;
  }

  private boolean isPossible() {
    return tcb.state.isSynchronized() && tcb.state != TcpState.TIME_WAIT;
  }
}
