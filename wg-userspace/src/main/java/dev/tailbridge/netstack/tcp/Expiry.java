package dev.tailbridge.netstack.tcp;

import dev.tailbridge.netstack.tcp.Timers.Name;

/** What happens when deadlines of a connection pass (RFC 9293 3.10.8). */
final class Expiry {

  private final Tcb tcb;

  Expiry(Tcb tcb) {
    this.tcb = tcb;
  }

  void expire(long now) {
    if (tcb.timers.takeDue(Name.DELAYED_ACK, now)) {
      tcb.ackNow = true;
    }
    if (tcb.timers.takeDue(Name.LINGER, now)) {
      tcb.closed();
    }
    if (tcb.timers.takeDue(Name.KEEP_ALIVE, now) && tcb.keepAlive.expired(now)) {
      giveUp();
    }
    if (tcb.timers.takeDue(Name.PERSIST, now)) {
      persist(now);
    }
    if (tcb.timers.takeDue(Name.GAP, now)) {
      tcb.recovery.confirmed(tcb.una, tcb.nxt);
    }
    if (tcb.timers.takeDue(Name.TAIL_LOSS, now)) {
      tcb.tail.expired();
    }
    if (tcb.timers.takeDue(Name.RETRANSMIT, now)) {
      retransmit(now);
    }
  }

  private void retransmit(long now) {
    if (!tcb.state.isSynchronized()) {
      resendSyn(now);
    } else if (tcb.sendWindow == 0) {
      persist(now);
    } else if (now - tcb.progressAt >= tcb.config.userTimeout()) {
      giveUp();
    } else {
      tcb.tail.forget();
      tcb.recovery.timedOut(tcb.una, tcb.nxt);
      tcb.rtt.backOff();
      tcb.roundTrips.forget();
    }
  }

  private void resendSyn(long now) {
    if (now - tcb.progressAt >= tcb.config.connectTimeout()
        || tcb.networkErrors.endsCall((int) tcb.retransmissions + 1)) {
      tcb.fail(tcb.networkErrors.timeoutReason());
      return;
    }
    tcb.synDue = true;
    tcb.synWasLost = true;
    tcb.roundTrips.forget();
    tcb.rtt.backOff();
  }

  /**
   * A window that stays shut, or too small for a segment, is probed, farther and farther apart (RFC
   * 9293 3.8.6.1). As long as the peer answers the connection stays open (MUST-37).
   */
  private void persist(long now) {
    if (now - Math.max(tcb.progressAt, tcb.heardAt) >= tcb.config.userTimeout()) {
      giveUp();
      return;
    }
    tcb.probeDue = true;
    tcb.rtt.backOff();
  }

  /** RFC 9293 3.8.3: the peer is told, in case it is there. */
  private void giveUp() {
    TcpFailure reason = tcb.networkErrors.timeoutReason();
    tcb.abort();
    tcb.fail(reason);
  }
}
