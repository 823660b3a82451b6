package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Segment.FIN;

import dev.tailbridge.netstack.tcp.Timers.Name;

/** What an acknowledgment does to the sending side (RFC 9293 3.10.7.4, fifth). */
final class AcknowledgmentArrival {

  /** RFC 7661 4.1: NVP. */
  private static final long NON_VALIDATED_PERIOD = 300_000_000_000L;

  private static final long LEAST_REORDERING = 10_000_000L;

  private final Tcb tcb;

  /** When the window of congestion was last used up; negative for never. */
  private long validatedAt = -1;

  AcknowledgmentArrival(Tcb tcb) {
    this.tcb = tcb;
  }

  /**
   * Takes the acknowledgment of a segment.
   *
   * @return false when it is unacceptable and the segment must be dropped
   */
  boolean take(long now, Segment segment) {
    int ack = segment.acknowledgment;
    if (Seq.after(ack, tcb.nxt) || Seq.before(ack, tcb.una - tcb.maxWindow)) {
      // RFC 5961 5.2.
      if (tcb.challenges.allows(now)) {
        tcb.ackNow = true;
      }
      return false;
    }
    boolean news = tcb.sack && tcb.scoreboard.update(segment, tcb.una, tcb.nxt);
    int window = segment.window << tcb.sendShift;
    boolean advances = Seq.after(ack, tcb.una);
    if (advances) {
      advance(now, segment);
    } else if (ack == tcb.una && (tcb.sack ? news : isDuplicate(segment, window))) {
      tcb.recovery.duplicate(tcb.una, tcb.nxt, moreToSend());
      suspectGap(now);
    }
    tcb.tail.answered(segment);
    if (Seq.atOrAfter(ack, tcb.una)) {
      takeWindow(now, segment, window, advances);
    }
    return true;
  }

  /** RFC 5681 2; what answers a probe of a shut window says nothing about losses. */
  private boolean isDuplicate(Segment segment, int window) {
    return tcb.una != tcb.nxt
        && window > 0
        && segment.dataLength == 0
        && !segment.has(FIN)
        && window == tcb.sendWindow;
  }

  private void advance(long now, Segment segment) {
    int ack = segment.acknowledgment;
    int bytes = ack - tcb.una;
    tcb.roundTrips.acknowledged(segment, tcb.una, now);
    tcb.rtt.easeBackoff();
    tcb.una = ack;
    // Marks of the past follow, or they would lie in the future 2 GiB later (RFC 9293 3.4).
    tcb.smallEnd = Seq.later(tcb.smallEnd, ack);
    tcb.progressAt = now;
    tcb.output.acknowledged(ack);
    tcb.scoreboard.acknowledged(ack);
    validate(now);
    tcb.congestion.time(now, tcb.rtt.smoothed());
    Answer answer = tcb.roundTrips.answer(segment, tcb.sack);
    tcb.recovery.advanced(ack, tcb.nxt, bytes, tcb.limited, answer, moreToSend());
    if (!tcb.recovery.active()) {
      tcb.roundTrips.repaired();
    }
    tcb.tail.restart();
    tcb.timers.cancel(Name.GAP);
    // Twice the window, so that it is always filled and can go on growing.
    tcb.output.grow(Math.min(tcb.config.sendBuffer(), 2 * tcb.congestion.window()));
    // RFC 6298 5.2 and 5.3.
    if (ack == tcb.nxt) {
      tcb.timers.cancel(Name.RETRANSMIT);
    } else {
      tcb.timers.set(Name.RETRANSMIT, now + tcb.rtt.timeout());
    }
  }

  private void suspectGap(long now) {
    long roundTrip = tcb.rtt.smoothed();
    if (roundTrip >= 0 && !tcb.timers.isSet(Name.GAP) && tcb.recovery.suspects(tcb.una, tcb.nxt)) {
      tcb.timers.set(Name.GAP, now + Math.max(LEAST_REORDERING, roundTrip / 2));
    }
  }

  private boolean moreToSend() {
    return Seq.after(tcb.output.end(), tcb.nxt) && Seq.before(tcb.nxt, tcb.una + tcb.sendWindow);
  }

  /** RFC 7661 4.3 and 4.4.3: what is not used for minutes is not known to be there any more. */
  private void validate(long now) {
    if (tcb.limited || tcb.recovery.active() || validatedAt < 0) {
      validatedAt = now;
    } else if (now - validatedAt > NON_VALIDATED_PERIOD) {
      validatedAt = now;
      tcb.congestion.unused();
    }
  }

  private void takeWindow(long now, Segment segment, int window, boolean advances) {
    // SND.WND counts from SND.UNA, so both move together even when the segment itself is an old one
    // that was sent again: else the edge would move beyond what was offered.
    boolean newer =
        advances
            || Seq.before(tcb.wl1, segment.sequence)
            || (tcb.wl1 == segment.sequence && Seq.atOrBefore(tcb.wl2, segment.acknowledgment));
    if (!newer) {
      return;
    }
    boolean opened = tcb.sendWindow == 0 && window > 0;
    tcb.updateWindow(segment, window);
    if (opened) {
      tcb.rtt.forgetBackoff();
      tcb.timers.cancel(Name.PERSIST);
      tcb.progressAt = now;
      if (tcb.una != tcb.nxt) {
        tcb.recovery.resendFirst();
        tcb.timers.set(Name.RETRANSMIT, now + tcb.rtt.timeout());
      }
    }
  }
}
