package dev.tailbridge.netstack.tcp;

import dev.tailbridge.netstack.tcp.Timers.Name;

/**
 * What the network says about segments of this connection by ICMP. Anybody can say it, so it counts
 * only when it quotes what is on its way (RFC 5927 4.1), and of a connection that stands it ends
 * nothing (RFC 5461 2.2, RFC 5927 5.2): the timeouts decide.
 */
final class NetworkErrors {

  /** RFC 5461 4.1: so many calls go out in spite of soft errors. */
  private static final int CALLS = 3;

  private final Tcb tcb;
  private boolean unreachable;

  NetworkErrors(Tcb tcb) {
    this.tcb = tcb;
  }

  /** No host, no network, no port: {@code hard} says that trying again is of no use. */
  void unreachable(int quoted, boolean hard) {
    if (!isOnItsWay(quoted)) {
      return;
    }
    unreachable = true;
    if (hard && !tcb.state.isSynchronized()) {
      tcb.fail(TcpFailure.UNREACHABLE);
    }
  }

  /** Whether a call that went out so often is given up. */
  boolean endsCall(int calls) {
    return unreachable && calls >= CALLS;
  }

  /** Why a connection ends that had no answer for too long. */
  TcpFailure timeoutReason() {
    return unreachable ? TcpFailure.UNREACHABLE : TcpFailure.TIMED_OUT;
  }

  /** The peer was heard: what the network said is over. */
  void heard() {
    unreachable = false;
  }

  /** A segment was too big (RFC 1191, RFC 8201): all of it goes again at once, in smaller ones. */
  void tooBig(long now, int quoted, int largest) {
    if (!tcb.state.isSynchronized() || !isOnItsWay(quoted)) {
      return;
    }
    // RFC 5927 7.2, RFC 8201 4: the least that every path carries, which is what a peer without the
    // option is assumed to take.
    int floor = Math.min(tcb.config.defaultPeerMss(), tcb.config.mss());
    int mss = Math.max(largest, floor) - tcb.timestamps.bytes();
    if (mss >= tcb.mss) {
      return;
    }
    tcb.mss = mss;
    tcb.recovery.segmentsShrink(mss, tcb.una, tcb.nxt);
    tcb.roundTrips.forget();
    tcb.timers.set(Name.RETRANSMIT, now + tcb.rtt.timeout());
  }

  private boolean isOnItsWay(int sequence) {
    return Seq.atOrAfter(sequence, tcb.una) && Seq.before(sequence, tcb.nxt);
  }
}
