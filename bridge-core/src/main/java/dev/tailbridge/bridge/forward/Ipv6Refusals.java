package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv6Header;
import dev.tailbridge.ip.Ipv6Payload;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.TcpReset;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Answers connection attempts of IPv6 callers with a reset at once, so that they fall back to IPv4
 * instead of waiting. Nothing else is answered, nor is a closed port or somebody who may not call,
 * and the rate is limited.
 */
final class Ipv6Refusals {

  private final PortPolicy ports;
  private final Exits exits;
  private final TokenBucket bucket = new TokenBucket(200, 400);
  private @Nullable CallerGate callers;

  Ipv6Refusals(PortPolicy ports, Exits exits) {
    this.ports = ports;
    this.exits = exits;
  }

  /** Judges callers from now on. */
  void judgeCallers(CallerGate gate) {
    callers = gate;
  }

  /** Takes a TCP packet, or a part of one. */
  void packet(ByteBuf packet, Ipv6Header ip, Ipv6Payload payload, long nowNanos) {
    exits.drop(answer(packet, ip, payload, nowNanos), packet);
  }

  /** Answers the packet if it is to be answered; returns why it goes no further. */
  private ForwardDrop answer(ByteBuf packet, Ipv6Header ip, Ipv6Payload payload, long nowNanos) {
    if (payload.isFragment()) {
      return ForwardDrop.IPV6_CALLER;
    }
    int length = payload.length();
    TcpHeader tcp = TcpHeader.at(packet, payload.index(), length);
    if (!tcp.isWhole()) {
      return ForwardDrop.MALFORMED;
    }
    int pseudoHeader = ip.pseudoHeader(IpProtocol.TCP, length);
    int sum = InternetChecksum.sum(packet, payload.index(), length);
    if (InternetChecksum.add(pseudoHeader, sum) != 0xffff) {
      return ForwardDrop.BAD_CHECKSUM;
    }
    if (!tcp.isOpening() || tcp.has(TcpHeader.RST)) {
      return ForwardDrop.NOT_A_FLOW;
    }
    if (ports.tcp().devicePort(tcp.destinationPort()) == PortPolicy.PortMap.CLOSED) {
      return ForwardDrop.PORT_CLOSED;
    }
    ForwardDrop denied = callers == null ? null : callers.refusal(ip.sourceAddress(), nowNanos);
    if (denied != null) {
      return denied;
    }
    if (bucket.take(nowNanos)) {
      exits.toNode(TcpReset.answering6(packet, tcp));
    }
    return ForwardDrop.IPV6_CALLER;
  }
}
