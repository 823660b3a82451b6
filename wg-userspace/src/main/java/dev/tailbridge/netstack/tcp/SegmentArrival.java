package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Segment.ACK;
import static dev.tailbridge.netstack.tcp.Segment.FIN;
import static dev.tailbridge.netstack.tcp.Segment.RST;
import static dev.tailbridge.netstack.tcp.Segment.SYN;

import dev.tailbridge.netstack.tcp.Timers.Name;

/** What a segment does to a connection (RFC 9293 3.10.7). */
final class SegmentArrival {

  /** A peer must not make us cut data into crumbs. */
  private static final int LEAST_MSS = 88;

  /** Segments: a peer with no more window left than this waits for every acknowledgment. */
  private static final int SMALL_WINDOW = 4;

  private final Tcb tcb;
  private final AcknowledgmentArrival acknowledgments;

  SegmentArrival(Tcb tcb) {
    this.tcb = tcb;
    this.acknowledgments = new AcknowledgmentArrival(tcb);
  }

  void arrived(long now, Segment segment) {
    switch (tcb.state) {
      case CLOSED -> {}
      case SYN_SENT -> inSynSent(now, segment);
      default -> inOtherStates(now, segment);
    }
  }

  /** RFC 9293 3.10.7.3. */
  private void inSynSent(long now, Segment segment) {
    boolean acknowledges = segment.has(ACK);
    if (acknowledges
        && (Seq.atOrBefore(segment.acknowledgment, tcb.iss)
            || Seq.after(segment.acknowledgment, tcb.nxt))) {
      if (!segment.has(RST)) {
        tcb.reset.about(segment);
      }
      return;
    }
    if (segment.has(RST)) {
      if (acknowledges) {
        tcb.fail(TcpFailure.REFUSED);
      }
      return;
    }
    if (!segment.has(SYN)) {
      return;
    }
    learn(segment, now);
    // RFC 7323 2.2: the window of a SYN is not scaled.
    tcb.updateWindow(segment, segment.window);
    if (!acknowledges) {
      // RFC 9293 3.5, figure 8: both called at once.
      tcb.state = TcpState.SYN_RECEIVED;
      tcb.synDue = true;
      return;
    }
    tcb.una = segment.acknowledgment;
    tcb.established(now);
    tcb.roundTrips.acknowledged(segment, tcb.una, now);
    tcb.ackNow = true;
    takeTextAndFin(now, segment, segment.sequence + 1);
  }

  /** Takes the peer's initial sequence number and what both sides can (RFC 9293 3.7.1, 7323). */
  void learn(Segment syn, long now) {
    tcb.irs = syn.sequence;
    tcb.heardAt = now;
    TcpConfig config = tcb.config;
    int offered = tcb.passive ? 0 : config.firstWindow();
    tcb.input.begin(syn.sequence, offered);
    int named = syn.mss == 0 ? config.defaultPeerMss() : Math.max(syn.mss, LEAST_MSS);
    tcb.mss = Math.min(named, config.mss());
    if (syn.windowScale >= 0 && config.windowScaling()) {
      tcb.sendShift = syn.windowScale;
      tcb.receiveShift = config.windowShift();
    }
    if (syn.hasTimestamps && config.timestamps()) {
      tcb.timestamps.begin(syn.timestamp, tcb.input.next(), now);
    }
    // RFC 6691 2: the option does not count in the MSS that was named, but takes its place.
    tcb.mss -= tcb.timestamps.bytes();
    tcb.sack = syn.sackPermitted && config.sack();
  }

  /** RFC 9293 3.10.7.4. */
  private void inOtherStates(long now, Segment segment) {
    if (tcb.state == TcpState.SYN_RECEIVED
        && segment.has(SYN)
        && !segment.has(RST)
        && segment.sequence == tcb.irs) {
      if (!segment.has(ACK)) {
        // The peer did not hear our SYN-ACK.
        tcb.synDue = true;
        return;
      }
      // RFC 9293 3.5, figure 8: their SYN is known, what they acknowledge is new.
      segment.flags &= ~SYN;
      segment.sequence++;
      // RFC 7323 2.2: it is not scaled, and from here on all are.
      segment.window >>= tcb.sendShift;
    }
    if (!passesTimestamps(now, segment)) {
      return;
    }
    if (!passesWindow(now, segment)) {
      if (isRepetition(segment)) {
        acknowledge(now, segment);
      }
      return;
    }
    if (segment.has(RST)) {
      reset(now, segment);
      return;
    }
    if (segment.has(SYN)) {
      if (tcb.state == TcpState.SYN_RECEIVED && tcb.passive) {
        // RFC 9293 3.10.7.4, fourth: back to LISTEN.
        tcb.closed();
      } else {
        // RFC 5961 4.2.
        challenge(now);
      }
      return;
    }
    if (!segment.has(ACK)) {
      return;
    }
    if (tcb.timestamps.on()) {
      tcb.timestamps.accepted(segment, now);
    }
    if (tcb.state == TcpState.SYN_RECEIVED && !completeHandshake(now, segment)) {
      return;
    }
    if (acknowledge(now, segment)) {
      takeTextAndFin(now, segment, segment.sequence);
    }
  }

  /**
   * Takes what a segment acknowledges.
   *
   * @return whether there is more to take
   */
  private boolean acknowledge(long now, Segment segment) {
    tcb.heardAt = now;
    tcb.networkErrors.heard();
    tcb.keepAlive.restart(now);
    return acknowledgments.take(now, segment) && !finAcknowledged(now);
  }

  /**
   * Whether all of a segment came before. What it acknowledges counts, as the special allowance of
   * RFC 9293 3.10.7.4 has it for shut windows: when each side has taken a probe beyond its window
   * and the answers were lost, each takes the other's segments for old, and nothing else could end
   * that.
   */
  private boolean isRepetition(Segment segment) {
    int next = tcb.input.next();
    return tcb.state.isSynchronized()
        && tcb.state != TcpState.TIME_WAIT
        && segment.has(ACK)
        && !segment.has(SYN)
        && !segment.has(RST)
        && Seq.before(segment.sequence, next)
        && Seq.atOrAfter(segment.sequence, next - (0xffff << tcb.receiveShift));
  }

  /** RFC 7323 3.2 and 5.3 R1. */
  private boolean passesTimestamps(long now, Segment segment) {
    if (!tcb.timestamps.on() || segment.has(RST)) {
      return true;
    }
    if (!segment.hasTimestamps) {
      return false;
    }
    if (!tcb.timestamps.isOld(segment, now)) {
      return true;
    }
    challenge(now);
    return false;
  }

  /** RFC 9293 3.10.7.4, first: table 6. */
  private boolean passesWindow(long now, Segment segment) {
    int length = segment.sequenceLength();
    int window = tcb.input.window();
    int next = tcb.input.next();
    if (window == 0 && segment.sequence == next) {
      if (length > 0 && !segment.has(RST)) {
        // Nothing fits, but what it acknowledges counts; and the probe wants an answer.
        tcb.ackNow = true;
      }
      return true;
    }
    if (inWindow(segment.sequence, next, window)
        || (length > 0 && inWindow(segment.sequence + length - 1, next, window))) {
      return true;
    }
    if (!segment.has(RST)) {
      if (tcb.state == TcpState.TIME_WAIT && segment.has(FIN)) {
        // The peer did not hear the acknowledgment of its FIN.
        tcb.timeWait(now);
      }
      if (length > 0 && !segment.has(SYN)) {
        noteDuplicate(segment);
        tcb.ackNow = true;
      } else {
        challenge(now);
      }
    }
    return false;
  }

  private void noteDuplicate(Segment segment) {
    if (tcb.sack) {
      tcb.input.noteDuplicate(segment.sequence, segment.sequence + segment.dataLength);
    }
  }

  private static boolean inWindow(int sequence, int next, int window) {
    return Seq.atOrAfter(sequence, next) && Seq.before(sequence, next + window);
  }

  private void reset(long now, Segment segment) {
    if (segment.sequence != tcb.input.next()) {
      // RFC 5961 3.2: only the exact number is believed.
      challenge(now);
      return;
    }
    switch (tcb.state) {
      case SYN_RECEIVED -> {
        if (tcb.passive) {
          tcb.closed();
        } else {
          tcb.fail(TcpFailure.REFUSED);
        }
      }
      case CLOSING, LAST_ACK -> tcb.closed();
      // RFC 1337 3: a stray reset must not end it early.
      case TIME_WAIT -> {}
      default -> tcb.fail(TcpFailure.RESET);
    }
  }

  private void challenge(long now) {
    if (tcb.challenges.allows(now)) {
      tcb.ackNow = true;
    }
  }

  private boolean completeHandshake(long now, Segment segment) {
    if (Seq.atOrBefore(segment.acknowledgment, tcb.una)
        || Seq.after(segment.acknowledgment, tcb.nxt)) {
      tcb.reset.about(segment);
      return false;
    }
    tcb.una = tcb.iss + 1;
    tcb.established(now);
    tcb.updateWindow(segment, segment.window << tcb.sendShift);
    tcb.roundTrips.acknowledged(segment, tcb.una, now);
    return true;
  }

  /** RFC 9293 3.10.7.4, fifth: what the acknowledgment of our FIN means. True when all is over. */
  private boolean finAcknowledged(long now) {
    boolean acknowledged = tcb.output.finQueued() && tcb.una == tcb.output.end();
    if (!acknowledged) {
      return false;
    }
    switch (tcb.state) {
      case FIN_WAIT_1 -> {
        tcb.state = TcpState.FIN_WAIT_2;
        if (tcb.readerGone) {
          tcb.timers.set(Name.LINGER, now + tcb.config.timeWait());
        }
      }
      case CLOSING -> tcb.timeWait(now);
      case LAST_ACK -> {
        tcb.closed();
        return true;
      }
      default -> {}
    }
    return false;
  }

  /** RFC 9293 3.10.7.4, seventh and eighth. */
  private void takeTextAndFin(long now, Segment segment, int sequence) {
    if (!tcb.state.receivesData()) {
      return;
    }
    int end = sequence + segment.dataLength;
    if (segment.dataLength > 0) {
      if (tcb.readerGone && Seq.after(end, tcb.input.next())) {
        // RFC 9293 3.6.1, SHLD-3: nobody will read it, and the peer must know.
        tcb.abort();
        return;
      }
      takeText(now, segment, sequence);
    }
    if (segment.has(FIN)
        && Seq.atOrAfter(end, tcb.input.next())
        && Seq.atOrBefore(end, tcb.input.next() + tcb.input.window())) {
      tcb.peerFinKnown = true;
      tcb.peerFin = end;
      if (tcb.input.next() != end) {
        // At the far side of a gap it is answered as text is: with a duplicate acknowledgment.
        tcb.ackNow = true;
      }
    }
    if (tcb.peerFinKnown && tcb.input.next() == tcb.peerFin) {
      takeFin(now);
    }
  }

  private void takeText(long now, Segment segment, int sequence) {
    boolean hadGap = tcb.input.hasGap();
    boolean inOrder = tcb.input.insert(sequence, segment);
    boolean echoes = tcb.timestamps.on() && segment.hasTimestamps;
    tcb.input.tune(now, echoes ? tcb.timestamps.roundTrip(segment, now) : tcb.rtt.smoothed());
    tcb.unacknowledgedSegments++;
    // RFC 5681 4.2: every second segment, and at once around gaps.
    if (!inOrder
        || hadGap
        || tcb.unacknowledgedSegments >= 2
        || tcb.quickAcks > 0
        || tcb.input.window() < SMALL_WINDOW * tcb.config.mss()) {
      tcb.quickAcks = Math.max(0, tcb.quickAcks - 1);
      tcb.ackNow = true;
    } else {
      acknowledgeLater(now);
    }
  }

  private void acknowledgeLater(long now) {
    if (!tcb.timers.isSet(Name.DELAYED_ACK)) {
      tcb.timers.set(Name.DELAYED_ACK, now + tcb.config.delayedAck());
    }
  }

  private void takeFin(long now) {
    tcb.input.finReceived();
    tcb.finReceived = true;
    if (tcb.state == TcpState.ESTABLISHED && tcb.config.quickAcks() == 0) {
      // What answers it, often our own FIN, acknowledges it too (RFC 1122 4.2.3.2).
      acknowledgeLater(now);
    } else {
      tcb.ackNow = true;
    }
    switch (tcb.state) {
      case ESTABLISHED -> tcb.state = TcpState.CLOSE_WAIT;
      case FIN_WAIT_1 -> tcb.state = TcpState.CLOSING;
      case FIN_WAIT_2 -> tcb.timeWait(now);
      default -> {}
    }
  }
}
