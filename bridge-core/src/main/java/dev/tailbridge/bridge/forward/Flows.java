package dev.tailbridge.bridge.forward;

/**
 * All flows of one device. A caller's ping and the device's own are kept apart: the same machine
 * may use one identifier for both, and request and reply tell which is which.
 */
final class Flows {

  final FlowTable<TcpFlow> tcp;
  final FlowTable<Flow.Datagrams> udp;
  final FlowTable<Flow.Datagrams> callerPings;
  final FlowTable<Flow.Datagrams> devicePings;

  Flows(ForwardLimits limits) {
    tcp = new FlowTable<>(limits.tcpFlows(), TcpFlow::new);
    udp = datagrams(limits.udpFlows(), Flow.Datagrams.UDP_TIMEOUT);
    callerPings = datagrams(limits.pings(), Flow.Datagrams.PING_TIMEOUT);
    devicePings = datagrams(limits.pings(), Flow.Datagrams.PING_TIMEOUT);
  }

  void expire(long nowNanos) {
    tcp.expire(nowNanos);
    udp.expire(nowNanos);
    callerPings.expire(nowNanos);
    devicePings.expire(nowNanos);
  }

  void clear() {
    tcp.clear();
    udp.clear();
    callerPings.clear();
    devicePings.clear();
  }

  int pings() {
    return callerPings.size() + devicePings.size();
  }

  long givenUp() {
    return tcp.givenUp() + udp.givenUp() + callerPings.givenUp() + devicePings.givenUp();
  }

  private static FlowTable<Flow.Datagrams> datagrams(int limit, long timeoutNanos) {
    return new FlowTable<>(
        limit,
        (address, port, tailnetPort, devicePort, faceAddress, facePort) ->
            new Flow.Datagrams(
                timeoutNanos, address, port, tailnetPort, devicePort, faceAddress, facePort));
  }
}
