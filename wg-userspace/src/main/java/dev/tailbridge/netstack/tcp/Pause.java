package dev.tailbridge.netstack.tcp;

import dev.tailbridge.netstack.tcp.Timers.Name;

/**
 * The time in which the link below is known to carry nothing, because its WireGuard session is
 * lost. Silence says nothing about the path then: nothing is sent again, no timeout backs off and
 * none ends the connection. New data still leaves, since it is what makes the link shake hands
 * anew.
 */
final class Pause {

  private final Tcb tcb;
  private long since = Tcb.NEVER;

  Pause(Tcb tcb) {
    this.tcb = tcb;
  }

  boolean on() {
    return since != Tcb.NEVER;
  }

  void begin(long now) {
    if (on() || tcb.state == TcpState.CLOSED || tcb.state == TcpState.TIME_WAIT) {
      return;
    }
    since = now;
    tcb.timers.cancel(Name.RETRANSMIT);
    tcb.timers.cancel(Name.PERSIST);
    tcb.tail.forget();
    tcb.timers.cancel(Name.KEEP_ALIVE);
  }

  /** What was on its way is lost, and goes again at once. */
  void end(long now) {
    if (!on()) {
      return;
    }
    tcb.progressAt += now - Math.max(since, tcb.progressAt);
    since = Tcb.NEVER;
    if (tcb.state == TcpState.CLOSED) {
      return;
    }
    tcb.rtt.forgetBackoff();
    tcb.roundTrips.forget();
    tcb.keepAlive.restart(now);
    if (!tcb.state.isSynchronized()) {
      tcb.synDue = true;
    } else if (tcb.sendWindow == 0) {
      tcb.probeDue = true;
    } else if (tcb.una != tcb.nxt) {
      tcb.recovery.linkLost(tcb.una, tcb.nxt);
    }
  }
}
