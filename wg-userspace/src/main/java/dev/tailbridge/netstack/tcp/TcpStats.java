package dev.tailbridge.netstack.tcp;

/**
 * Figures about a connection.
 *
 * @param smoothedRtt nanoseconds; negative before the first measurement
 * @param rttVariation nanoseconds
 * @param congestionWindow bytes
 * @param slowStartThreshold bytes
 * @param sendWindow what the peer offers, in bytes
 * @param receiveWindow what we offer, in bytes
 * @param retransmissions segments that were sent again
 * @param mss bytes of data in a full segment
 * @param windowShift by which the peer scales its window
 * @param bufferBytes memory of buffers at this moment
 */
public record TcpStats(
    TcpState state,
    long smoothedRtt,
    long rttVariation,
    int congestionWindow,
    int slowStartThreshold,
    int sendWindow,
    int receiveWindow,
    long retransmissions,
    int mss,
    boolean sack,
    boolean timestamps,
    int windowShift,
    int bufferBytes) {

  static TcpStats of(Tcb tcb) {
    return new TcpStats(
        tcb.state,
        tcb.rtt.smoothed(),
        tcb.rtt.variation(),
        tcb.congestion.window(),
        tcb.congestion.threshold(),
        tcb.sendWindow,
        tcb.input.window(),
        tcb.retransmissions,
        tcb.mss,
        tcb.sack,
        tcb.timestamps.on(),
        tcb.sendShift,
        tcb.memory());
  }
}
