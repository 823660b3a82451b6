package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tailbridge.testing.VirtualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One end of a connection in virtual time, and what must hold of it at any moment: the right edge
 * of its window never retreats, it keeps to the peer's window, and what it waits for has a
 * deadline.
 */
final class SimulatedTcp {

  final VirtualClock clock;
  final TcpConfig config;
  final List<String> sent = new ArrayList<>();
  boolean keepSent;
  Tcb tcb;
  CongestionControl congestion;
  SegmentWire out;

  /** Whether a segment of no connection is answered with a reset, as a rebooted machine does. */
  boolean resetsUnknown;

  /** How long it delays acknowledgments as lwIP does; 0 for as we do. */
  long lwipDelayNanos;

  /** Called when something may have become readable or writable. */
  Runnable application = () -> {};

  /** Looks at all that is sent. */
  Consumer<Segment> watcher = segment -> {};

  private final int seed;
  private long alarm = Tcb.NEVER;
  private boolean edgeKnown;
  private int edge;
  private boolean peerEdgeKnown;
  private int peerEdge;

  SimulatedTcp(VirtualClock clock, TcpConfig config, int seed) {
    this.clock = clock;
    this.config = config;
    this.seed = seed;
    this.congestion = new NewReno(config.leastWindow());
  }

  void connect() {
    tcb = Tcb.connect(config, congestion, seed * 0x9E3779B1, seed * 31, clock.nowNanos());
    settle();
  }

  void arrived(byte[] bytes) {
    Segment segment = new Segment();
    assertThat(SegmentCodec.read(bytes, 0, bytes.length, segment)).isTrue();
    if (tcb == null) {
      if (!segment.isOpening()) {
        Segment reset = resetsUnknown ? Segment.resetAnswering(segment) : null;
        if (reset != null) {
          out.send(reset);
        }
        return;
      }
      tcb = Tcb.accept(config, segment, seed * 0x7F4A7C15, seed * 37, clock.nowNanos());
    } else {
      notePeerEdge(segment);
      boolean hadGap = tcb.input.hasGap();
      int before = tcb.input.next();
      tcb.onSegment(clock.nowNanos(), segment);
      if (lwipDelayNanos > 0 && !hadGap && tcb.input.next() == before + segment.dataLength) {
        delayAsLwip();
      }
    }
    settle();
  }

  /** lwIP delays the acknowledgment of every odd segment, whatever its window is. */
  private void delayAsLwip() {
    if (tcb.unacknowledgedSegments == 1 && !tcb.timers.isSet(Timers.Name.DELAYED_ACK)) {
      tcb.ackNow = false;
      tcb.timers.set(Timers.Name.DELAYED_ACK, clock.nowNanos() + lwipDelayNanos);
    }
  }

  private void notePeerEdge(Segment segment) {
    if (!segment.has(Segment.ACK) || segment.has(Segment.RST)) {
      return;
    }
    int shift = segment.has(Segment.SYN) ? 0 : tcb.sendShift;
    int offered = segment.acknowledgment + (segment.window << shift);
    if (!peerEdgeKnown || Seq.after(offered, peerEdge)) {
      peerEdgeKnown = true;
      peerEdge = offered;
    }
  }

  /** Sends what there is to send, lets the application act, and sets the alarm. */
  void settle() {
    application.run();
    tcb.pollTransmit(clock.nowNanos(), this::emit);
    application.run();
    tcb.pollTransmit(clock.nowNanos(), this::emit);
    if (tcb.una != tcb.nxt && tcb.state() != TcpState.CLOSED && !tcb.pause.on()) {
      assertThat(tcb.nextDeadline())
          .as("deadline with something outstanding")
          .isLessThan(Tcb.NEVER);
    }
    long deadline = tcb.nextDeadline();
    if (deadline < alarm) {
      alarm = deadline;
      clock.at(deadline, this::wake);
    }
  }

  private void wake() {
    if (clock.nowNanos() < alarm) {
      return;
    }
    alarm = Tcb.NEVER;
    tcb.onTimer(clock.nowNanos());
    settle();
  }

  private void emit(Segment segment) {
    checkPeerWindow(segment);
    checkEdge(segment);
    watcher.accept(segment);
    if (keepSent) {
      sent.add(clock.nowNanos() / 1_000_000 + " ms " + segment);
    }
    out.send(segment);
  }

  private void checkPeerWindow(Segment segment) {
    if (peerEdgeKnown && segment.dataLength > 1) {
      int end = segment.sequence + segment.dataLength;
      assertThat(end - peerEdge).as("bytes beyond the peer's window").isLessThanOrEqualTo(0);
    }
  }

  private void checkEdge(Segment segment) {
    if (segment.has(Segment.RST) || !segment.has(Segment.ACK)) {
      return;
    }
    boolean syn = segment.has(Segment.SYN);
    int offered = segment.acknowledgment + (segment.window << (syn ? 0 : tcb.receiveShift));
    if (edgeKnown) {
      // What the scaled field cannot say (RFC 7323 2.4) is no retreat.
      int rounding = (1 << tcb.receiveShift) - 1;
      assertThat(offered - edge).as("step of the right edge").isGreaterThanOrEqualTo(-rounding);
    }
    edge = edgeKnown ? Seq.later(edge, offered) : offered;
    edgeKnown = true;
  }
}
