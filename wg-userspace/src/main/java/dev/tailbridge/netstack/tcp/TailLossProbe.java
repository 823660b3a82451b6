package dev.tailbridge.netstack.tcp;

import dev.tailbridge.netstack.tcp.Timers.Name;

/**
 * Asks after a tail of which nothing is heard, before the retransmission timeout takes the window
 * away (RFC 8985 7). For peers with SACK, whose answer tells what is missing; once for each tail.
 */
final class TailLossProbe {

  /** WCDelAckT: a peer may delay the acknowledgment of a single segment by so much. */
  private static final long MAX_ACK_DELAY = 200_000_000L;

  /** Timers are no more exact than that. */
  private static final long LEAST = 10_000_000L;

  private final Tcb tcb;
  private boolean due;

  /**
   * This tail was asked after; what repairs it is for others to do, and each further probe would
   * put off their timeout.
   */
  private boolean asked;

  /** TLP.end_seq, while a probe is on its way. */
  private boolean probing;

  private int end;
  private boolean repeats;

  TailLossProbe(Tcb tcb) {
    this.tcb = tcb;
  }

  /** New data went out, or some was acknowledged: the time begins anew. */
  void restart() {
    asked = false;
    tcb.timers.cancel(Name.TAIL_LOSS);
  }

  /** Sets the timer while something is on its way that may be a lost tail (RFC 8985 7.2). */
  void arm(long now) {
    if (!tcb.sack
        || asked
        || probing
        || tcb.recovery.active()
        || Seq.after(tcb.nxt, tcb.una + tcb.sendWindow)
        || tcb.rtt.smoothed() < 0
        || tcb.timers.isSet(Name.TAIL_LOSS)) {
      return;
    }
    long wait = Math.max(LEAST, 2 * tcb.rtt.smoothed());
    if (tcb.nxt - tcb.una <= tcb.mss) {
      wait += MAX_ACK_DELAY;
    }
    // Its answer should come before the timeout, or the timeout repairs as soon.
    if (wait + tcb.rtt.smoothed() < tcb.rtt.timeout()) {
      tcb.timers.set(Name.TAIL_LOSS, now + wait);
    }
  }

  void expired() {
    due = tcb.una != tcb.nxt && !tcb.recovery.active();
  }

  boolean takeDue() {
    boolean was = due;
    due = false;
    return was;
  }

  /** The probe went out; it ends before this number. */
  void sent(long now, int probeEnd, boolean again) {
    probing = true;
    asked = true;
    end = probeEnd;
    repeats = again;
    tcb.timers.set(Name.RETRANSMIT, now + tcb.rtt.timeout());
  }

  /** An acknowledgment came, and SND.UNA and the scoreboard are what it says (RFC 8985 7.4.2). */
  void answered(Segment segment) {
    if (!probing) {
      return;
    }
    if (Seq.before(segment.acknowledgment, end)) {
      if (!tcb.scoreboard.isEmpty() && Seq.atOrAfter(tcb.scoreboard.highest(), end)) {
        probing = false;
        tcb.recovery.tailArrived(tcb.una, tcb.nxt);
      }
      return;
    }
    boolean bothArrived = segment.reportsDuplicate() && segment.sack[1] == end;
    if (!repeats || bothArrived) {
      probing = false;
    } else if (Seq.after(segment.acknowledgment, end)) {
      probing = false;
      tcb.recovery.tailRepaired(tcb.una, tcb.nxt);
    }
  }

  /** A repair by timeout began: the probe told nothing. */
  void forget() {
    probing = false;
    due = false;
    restart();
  }
}
