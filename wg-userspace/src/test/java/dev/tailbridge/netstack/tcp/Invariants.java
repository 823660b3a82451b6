package dev.tailbridge.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds of a connection at any moment, whatever the other side sends. */
final class Invariants {

  /** For pieces behind gaps, 32 of theirs and 64 of ours. */
  private static final int BYTES_OF_RANGES = 16 * (32 + 64);

  private final Tcb tcb;
  private final int mostBytes;
  private boolean edgeKnown;
  private int edge;

  /** The right edge of the peer's window, the farthest that it ever offered. */
  private boolean peerEdgeKnown;

  private int peerEdge;

  Invariants(Tcb tcb) {
    this.tcb = tcb;
    this.mostBytes =
        powerOfTwo(tcb.config.receiveBuffer())
            + powerOfTwo(tcb.config.sendBuffer())
            + BYTES_OF_RANGES;
  }

  private static int powerOfTwo(int size) {
    return Math.max(2048, Integer.highestOneBit(Math.max(1, size - 1)) << 1);
  }

  /** Looks at what arrives, before the connection does. */
  void arrived(Segment segment) {
    int ack = segment.acknowledgment;
    boolean sane =
        segment.has(Segment.ACK) && Seq.after(ack, tcb.iss) && Seq.atOrBefore(ack, tcb.nxt);
    if (sane) {
      int shift = segment.has(Segment.SYN) ? 0 : tcb.sendShift;
      int offered = ack + (segment.window << shift);
      peerEdge = peerEdgeKnown ? Seq.later(peerEdge, offered) : offered;
      peerEdgeKnown = true;
    }
  }

  /** Looks at what leaves. */
  void sent(Segment segment) {
    if (segment.has(Segment.RST)) {
      return;
    }
    assertThat(segment.window).as("window field").isBetween(0, 0xffff);
    int options = SegmentCodec.optionBytes(segment);
    assertThat(options).as("bytes of options").isBetween(0, 40);
    if (!segment.has(Segment.SYN)) {
      assertThat(segment.dataLength + options)
          .as("data and options beside what the peer can take")
          .isLessThanOrEqualTo(tcb.config.mss());
      assertThat(segment.has(Segment.ACK)).as("ACK flag (RFC 9293 3.10.7)").isTrue();
      // One byte may probe a window that is shut (RFC 9293 3.8.6.1).
      int end = segment.sequence + segment.dataLength;
      if (segment.dataLength > 1) {
        assertThat(end - peerEdge).as("bytes beyond the window").isLessThanOrEqualTo(0);
      }
    }
    edge(segment);
  }

  /** RFC 9293 3.8.6, SHLD-14: what the scaled field cannot say (RFC 7323 2.4) is no retreat. */
  private void edge(Segment segment) {
    if (!segment.has(Segment.ACK)) {
      return;
    }
    int shift = segment.has(Segment.SYN) ? 0 : tcb.receiveShift;
    int offered = segment.acknowledgment + (segment.window << shift);
    // The field of a SYN that goes again can say less than was offered since.
    if (edgeKnown && !segment.has(Segment.SYN)) {
      int rounding = (1 << tcb.receiveShift) - 1;
      assertThat(offered - edge).as("step of the right edge").isGreaterThanOrEqualTo(-rounding);
    }
    edge = edgeKnown ? Seq.later(edge, offered) : offered;
    edgeKnown = true;
  }

  /** Looks at the connection itself, after it sent what it had to send. */
  void settled() {
    if (tcb.state == TcpState.CLOSED) {
      assertThat(tcb.nextDeadline()).as("deadline of what is closed").isEqualTo(Tcb.NEVER);
      assertThat(tcb.writable()).as("room in what is closed").isZero();
    } else {
      assertThat(tcb.nxt - tcb.una).as("SND.NXT - SND.UNA").isGreaterThanOrEqualTo(0);
      boolean waits =
          tcb.una != tcb.nxt
              || (tcb.state.sendsData() && Seq.after(tcb.output.end(), tcb.nxt))
              || tcb.state == TcpState.TIME_WAIT;
      if (waits && !tcb.pause.on()) {
        assertThat(tcb.nextDeadline()).as("deadline while something waits").isNotEqualTo(Tcb.NEVER);
      }
    }
    assertThat(tcb.stats().bufferBytes()).as("bytes held").isBetween(0, mostBytes);
    assertThat(tcb.readable()).isBetween(0, tcb.config.receiveBuffer());
    assertThat(tcb.unacknowledged()).isBetween(0, tcb.config.sendBuffer());
  }
}
