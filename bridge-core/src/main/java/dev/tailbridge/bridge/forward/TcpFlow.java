package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.TcpHeader;
import java.util.concurrent.TimeUnit;

/**
 * A routed TCP connection, followed just closely enough to know how long it may be idle (RFC 5382
 * REQ-5) and when its tuple is free for the next one. Sequence numbers are the two ends' business.
 */
final class TcpFlow extends Flow {

  /** Open connections: 2 h 4 min. */
  static final long ESTABLISHED_TIMEOUT = TimeUnit.MINUTES.toNanos(124);

  /** Connections that open or close. */
  static final long TRANSITORY_TIMEOUT = TimeUnit.MINUTES.toNanos(4);

  /**
   * Connections that have ended: as long as lwIP keeps TIME-WAIT, so that it never sees the old
   * face again in that time. A reset counts as an end but shuts nothing: later packets still pass,
   * for it may have been one that its receiver ignored (RFC 7857 2.2).
   */
  static final long ENDED_TIMEOUT = TimeUnit.MINUTES.toNanos(2);

  private boolean accepted;
  private boolean established;
  private boolean remoteFinished;
  private boolean deviceFinished;
  private boolean reset;

  TcpFlow(
      int remoteAddress,
      int remotePort,
      int tailnetPort,
      int devicePort,
      int faceAddress,
      int facePort) {
    super(remoteAddress, remotePort, tailnetPort, devicePort, faceAddress, facePort);
  }

  /** Follows one segment that is about to pass. */
  void passed(TcpHeader segment, boolean fromDevice) {
    if (segment.has(TcpHeader.RST)) {
      reset = true;
    } else if (segment.has(TcpHeader.SYN)) {
      if (segment.has(TcpHeader.ACK)) {
        accepted = true;
        remoteFinished = false;
        deviceFinished = false;
        reset = false;
      }
    } else {
      established |= accepted;
      if (segment.has(TcpHeader.FIN)) {
        remoteFinished |= !fromDevice;
        deviceFinished |= fromDevice;
      }
    }
  }

  /** Whether a new connection may take this one's place: both sides finished, or one reset it. */
  boolean hasEnded() {
    return reset || (remoteFinished && deviceFinished);
  }

  @Override
  long timeoutNanos() {
    if (hasEnded()) {
      return ENDED_TIMEOUT;
    }
    return established && !remoteFinished && !deviceFinished
        ? ESTABLISHED_TIMEOUT
        : TRANSITORY_TIMEOUT;
  }

  @Override
  boolean expendable() {
    return hasEnded() || !established;
  }

  @Override
  boolean replaceable() {
    return false;
  }
}
