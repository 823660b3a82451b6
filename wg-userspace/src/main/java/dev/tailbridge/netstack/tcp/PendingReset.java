package dev.tailbridge.netstack.tcp;

import static dev.tailbridge.netstack.tcp.Segment.ACK;
import static dev.tailbridge.netstack.tcp.Segment.RST;

/** A reset that leaves with the next poll, also of a connection that is closed by then. */
final class PendingReset {

  private boolean due;
  private boolean acknowledges;
  private int sequence;

  /** About a segment that fits no connection (RFC 9293 3.10.7.1). */
  void about(Segment segment) {
    due = true;
    sequence = segment.acknowledgment;
    acknowledges = false;
  }

  /** Ends a connection whose peer knows of it, at its SND.NXT (RFC 9293 3.10.5). */
  void ending(int next) {
    due = true;
    sequence = next;
    acknowledges = true;
  }

  boolean takeDue() {
    boolean was = due;
    due = false;
    return was;
  }

  /** Makes a segment this reset; {@code expected} is RCV.NXT. */
  void fill(Segment segment, int expected) {
    segment.clear();
    segment.sequence = sequence;
    segment.flags = acknowledges ? RST | ACK : RST;
    segment.acknowledgment = acknowledges ? expected : 0;
  }
}
