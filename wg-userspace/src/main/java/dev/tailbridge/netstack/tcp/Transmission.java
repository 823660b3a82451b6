package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Segment.ACK;
import static dev.tailbridge.netstack.tcp.Segment.FIN;
import static dev.tailbridge.netstack.tcp.Segment.PSH;
import static dev.tailbridge.netstack.tcp.Segment.SYN;

import dev.tailbridge.netstack.tcp.Timers.Name;

/** Makes the segments that a connection has to send, in the order in which they should leave. */
final class Transmission {

  private final Tcb tcb;
  private final Segment segment = new Segment();

  Transmission(Tcb tcb) {
    this.tcb = tcb;
  }

  void poll(long now, SegmentSink sink) {
    if (tcb.reset.takeDue()) {
      tcb.reset.fill(segment, tcb.input.next());
      sink.segment(segment);
    }
    switch (tcb.state) {
      case CLOSED -> {
        return;
      }
      case SYN_SENT, SYN_RECEIVED -> {
        if (tcb.synDue) {
          tcb.synDue = false;
          syn(now, sink);
        } else if (tcb.ackNow) {
          // RFC 9293 3.10.7.4: what is unacceptable is answered before the handshake is done, too.
          begin(tcb.nxt, ACK);
          emit(now, sink);
        }
        tcb.ackNow = false;
      }
      default -> {
        if (tcb.state.sendsData()) {
          resend(now, sink);
          sendNew(now, sink);
          guess(now, sink);
          probeTail(now, sink);
        }
        keepAlive(now, sink);
        if (tcb.ackNow) {
          begin(ackSequence(), ACK);
          emit(now, sink);
        }
      }
    }
    armTimers(now);
  }

  /**
   * A bare acknowledgment must lie in the peer's window, or it is dropped: with both windows shut,
   * and a probe beyond each of them, no window could ever be opened again.
   */
  private int ackSequence() {
    return Seq.earlier(tcb.nxt, tcb.una + tcb.sendWindow);
  }

  /** Whatever is unacknowledged or waits has a deadline. */
  private void armTimers(long now) {
    Timers timers = tcb.timers;
    if (tcb.pause.on()) {
      timers.cancel(Name.RETRANSMIT);
      return;
    }
    if (tcb.una != tcb.nxt) {
      timers.cancel(Name.PERSIST);
      if (!timers.isSet(Name.RETRANSMIT)) {
        timers.set(Name.RETRANSMIT, now + tcb.rtt.timeout());
      }
      tcb.tail.arm(now);
    } else if (tcb.state.sendsData()
        && Seq.after(tcb.output.end(), tcb.nxt)
        && !timers.isSet(Name.PERSIST)) {
      timers.set(Name.PERSIST, now + tcb.rtt.timeout());
    }
  }

  /** RFC 9293 3.5 and 3.7.1; RFC 7323 1.3 and 2 of RFC 2018: options are offered in SYNs alone. */
  private void syn(long now, SegmentSink sink) {
    boolean answer = tcb.state == TcpState.SYN_RECEIVED;
    TcpConfig config = tcb.config;
    segment.clear();
    segment.sequence = tcb.iss;
    segment.flags = SYN;
    segment.mss = config.mss();
    if (answer) {
      segment.flags |= ACK;
      segment.acknowledgment = tcb.input.next();
      tcb.input.offer(config.mss(), 0);
      segment.window = Math.min(tcb.input.window(), 0xffff);
      segment.windowScale = tcb.sendShift > 0 || tcb.receiveShift > 0 ? tcb.receiveShift : -1;
      segment.sackPermitted = tcb.sack;
      segment.hasTimestamps = tcb.timestamps.on();
      segment.timestampEcho = segment.hasTimestamps ? tcb.timestamps.recent() : 0;
    } else {
      segment.window = config.firstWindow();
      segment.windowScale = config.windowScaling() ? config.windowShift() : -1;
      segment.sackPermitted = config.sack();
      segment.hasTimestamps = config.timestamps();
    }
    segment.timestamp = segment.hasTimestamps ? tcb.timestamps.value(now) : 0;
    if (tcb.nxt == tcb.iss) {
      tcb.nxt = tcb.iss + 1;
      tcb.roundTrips.sent(tcb.nxt, now);
    } else {
      tcb.roundTrips.forget();
      tcb.retransmissions++;
    }
    tcb.timers.set(Name.RETRANSMIT, now + tcb.rtt.timeout());
    sink.segment(segment);
  }

  /** What was lost goes first, as far as the window of the peer and of congestion allow. */
  private void resend(long now, SegmentSink sink) {
    if (tcb.una == tcb.nxt) {
      return;
    }
    if (tcb.sendWindow == 0) {
      if (tcb.probeDue) {
        tcb.probeDue = false;
        piece(now, sink, tcb.una, tcb.una + 1);
      }
      return;
    }
    if (tcb.recovery.takeResendFirst()) {
      fillUp();
      piece(now, sink, tcb.una, Seq.earlier(tcb.nxt, tcb.una + tcb.sendWindow));
    }
    int edge = Seq.earlier(tcb.nxt, tcb.una + tcb.sendWindow);
    int start = tcb.recovery.nextLoss(tcb.una, tcb.nxt);
    while (Seq.before(start, edge) && mayResend(start, edge)) {
      piece(now, sink, start, edge);
      start = tcb.recovery.nextLoss(tcb.una, tcb.nxt);
    }
  }

  /**
   * The byte that probed a window leads a full segment when it goes again (RFC 9293 3.8.1), or the
   * rest would wait for its acknowledgment, which the peer may delay.
   */
  private void fillUp() {
    int space = Math.min(room(), tcb.sendWindow) - (tcb.nxt - tcb.una);
    int more = Math.min(space, tcb.output.dataEnd() - tcb.nxt);
    if (!tcb.recovery.active() && more > 0) {
      tcb.nxt += more;
    }
  }

  /** RFC 6675 5 (C.3), at the tail of what was new. */
  private void guess(long now, SegmentSink sink) {
    if (!tcb.recovery.active() || Seq.after(tcb.output.dataEnd(), tcb.nxt)) {
      return;
    }
    int edge = Seq.earlier(tcb.nxt, tcb.una + tcb.sendWindow);
    while (tcb.recovery.allowance(tcb.una, tcb.nxt) >= tcb.mss) {
      int start = tcb.recovery.nextGuess(tcb.una, tcb.nxt);
      if (!Seq.before(start, edge)) {
        return;
      }
      piece(now, sink, start, edge);
    }
  }

  /** RFC 8985 7.3: one segment beyond the window of congestion, else the last once more. */
  private void probeTail(long now, SegmentSink sink) {
    if (!tcb.tail.takeDue() || Seq.after(tcb.nxt, tcb.una + tcb.sendWindow)) {
      return;
    }
    int length = Math.min(tcb.output.dataEnd() - tcb.nxt, room());
    if (length > 0 && length <= tcb.una + tcb.sendWindow - tcb.nxt) {
      tcb.nxt += length;
      send(now, sink, tcb.nxt - length, length, false);
      tcb.tail.sent(now, tcb.nxt, false);
    } else {
      piece(now, sink, Seq.later(tcb.una, tcb.nxt - room()), tcb.nxt, false);
      tcb.tail.sent(now, tcb.nxt, true);
    }
  }

  private boolean mayResend(int start, int edge) {
    int end = Seq.earlier(tcb.recovery.pieceEnd(start, tcb.nxt), edge);
    return tcb.recovery.allowance(tcb.una, tcb.nxt) >= Math.min(end - start, room());
  }

  /** Sends again from start on, at most one segment and not beyond the edge. */
  private void piece(long now, SegmentSink sink, int start, int edge) {
    piece(now, sink, start, edge, true);
  }

  private void piece(long now, SegmentSink sink, int start, int edge, boolean repairing) {
    int end = Seq.earlier(tcb.recovery.pieceEnd(start, tcb.nxt), edge);
    int length = Math.min(end - start, room());
    int data = Math.min(length, tcb.output.dataEnd() - start);
    boolean fin = data < length;
    tcb.retransmissions++;
    tcb.roundTrips.resent(start + length, now, repairing);
    send(now, sink, start, data, fin);
    tcb.recovery.resent(start, start + data + (fin ? 1 : 0), tcb.una);
  }

  /** New data and the FIN, as windows, Nagle and RFC 9293 3.8.6.2.1 allow. */
  private void sendNew(long now, SegmentSink sink) {
    while (Seq.after(tcb.output.end(), tcb.nxt)) {
      int waiting = tcb.output.dataEnd() - tcb.nxt;
      int usable = tcb.una + tcb.sendWindow - tcb.nxt;
      boolean probe = tcb.probeDue && tcb.una == tcb.nxt;
      tcb.probeDue = false;
      if ((usable <= 0 && !probe) || !sink.hasRoom()) {
        tcb.limited = false;
        return;
      }
      usable = Math.max(usable, 1);
      int length = Math.min(Math.min(waiting, room()), usable);
      boolean fin = tcb.output.finQueued() && length == waiting && usable > length;
      if (!probe && !worthSending(length, waiting, fin)) {
        tcb.limited = false;
        return;
      }
      if (tcb.una == tcb.nxt && now - tcb.sentAt > tcb.rtt.timeout()) {
        tcb.congestion.restarted();
      }
      if (length > 0 && tcb.recovery.allowance(tcb.una, tcb.nxt) < length) {
        tcb.limited = true;
        return;
      }
      if (tcb.una == tcb.nxt) {
        tcb.progressAt = now;
      }
      int start = tcb.nxt;
      tcb.nxt += length + (fin ? 1 : 0);
      if (length < room()) {
        tcb.smallEnd = tcb.nxt;
      }
      tcb.roundTrips.sent(tcb.nxt, now);
      tcb.tail.restart();
      send(now, sink, start, length, fin);
    }
    tcb.limited = false;
  }

  /**
   * RFC 9293 3.7.4 and 3.8.6.2.1; what is behind a FIN has nothing to wait for. Of Nagle's rule it
   * takes Minshall's form: a small segment waits for a small one, not for full ones, of which the
   * acknowledgment of an odd last one may be delayed.
   */
  private boolean worthSending(int length, int waiting, boolean fin) {
    if (fin || length >= room()) {
      return true;
    }
    boolean free = !tcb.config.nagle() || Seq.atOrBefore(tcb.smallEnd, tcb.una);
    boolean idle = tcb.una == tcb.nxt || !tcb.config.nagle();
    return length > 0
        && ((free && length == waiting)
            || (idle && length >= tcb.maxWindow / 2)
            || (length == waiting && tcb.output.finQueued()));
  }

  private void send(long now, SegmentSink sink, int start, int length, boolean fin) {
    int flags = ACK;
    if (fin) {
      flags |= FIN;
    }
    if (length > 0 && start + length == tcb.output.dataEnd()) {
      flags |= PSH;
    }
    begin(start, flags);
    tcb.output.lend(start, length, segment);
    tcb.sentAt = now;
    emit(now, sink);
  }

  /** What the peer has already: it answers (RFC 9293 3.8.4). */
  private void keepAlive(long now, SegmentSink sink) {
    if (tcb.keepAlive.takeDue()) {
      // Behind everything that may be lost: with data on its way this, too, is surely old.
      begin(tcb.una - 1, ACK);
      emit(now, sink);
    }
  }

  private void begin(int sequence, int flags) {
    segment.clear();
    segment.sequence = sequence;
    segment.flags = flags;
  }

  /** Adds what every segment of a running connection says, and hands it out. */
  private void emit(long now, SegmentSink sink) {
    ReceiveQueue input = tcb.input;
    if (!tcb.finReceived) {
      input.offer(tcb.config.mss(), tcb.receiveShift);
    }
    segment.acknowledgment = input.next();
    segment.window = Math.min(input.window() >> tcb.receiveShift, 0xffff);
    if (tcb.timestamps.on()) {
      segment.hasTimestamps = true;
      segment.timestamp = tcb.timestamps.value(now);
      segment.timestampEcho = tcb.timestamps.recent();
      tcb.timestamps.acknowledgmentSent(segment.acknowledgment);
    }
    if (tcb.sack) {
      input.report(segment, mostBlocks());
    }
    tcb.ackNow = false;
    tcb.unacknowledgedSegments = 0;
    tcb.timers.cancel(Name.DELAYED_ACK);
    sink.segment(segment);
  }

  /** RFC 2018 3: 40 bytes of options hold four blocks, three beside timestamps. */
  private int mostBlocks() {
    return tcb.timestamps.on() ? 3 : 4;
  }

  /** Bytes of data that fit into the next segment. */
  private int room() {
    boolean reports = tcb.sack && tcb.input.hasReport();
    return reports ? tcb.mss - SegmentCodec.sackBytes(mostBlocks()) : tcb.mss;
  }
}
