package dev.tailbridge.ip;

import static dev.tailbridge.ip.TcpHeader.ACK;
import static dev.tailbridge.ip.TcpHeader.RST;

import io.netty.buffer.ByteBuf;

/**
 * Writes the reset that a machine without a connection answers a segment with (RFC 9293 3.10.7.1).
 * A segment that is a reset itself is never answered; the caller sees to that.
 */
public final class TcpReset {

  private static final int TTL = 64;

  private TcpReset() {}

  /**
   * The reset for an IPv4 packet with a whole TCP header, from its destination to its source.
   *
   * @param about borrowed
   * @return a new buffer, the caller's
   */
  public static ByteBuf answering(ByteBuf about) {
    Ipv4Header ip = Ipv4Header.of(about);
    int total = Ipv4Header.LENGTH + TcpHeader.LENGTH;
    ByteBuf reset = about.alloc().buffer(total).writerIndex(total);
    int from = ip.destination();
    int to = ip.source();
    Ipv4Header.at(reset, 0).write(total, TTL, IpProtocol.TCP, from, to);
    TcpHeader tcp = reset(TcpHeader.of(about, ip), reset, Ipv4Header.LENGTH);
    tcp.computeChecksum(InternetChecksum.pseudoHeader(from, to, IpProtocol.TCP, TcpHeader.LENGTH));
    return reset;
  }

  /**
   * The reset for an IPv6 packet, from its destination to its source.
   *
   * @param about borrowed
   * @param segment its whole TCP segment
   * @return a new buffer, the caller's
   */
  public static ByteBuf answering6(ByteBuf about, TcpHeader segment) {
    int total = Ipv6Header.LENGTH + TcpHeader.LENGTH;
    ByteBuf reset = about.alloc().buffer(total).writerIndex(total);
    Ipv6Header answer = Ipv6Header.at(reset, 0);
    answer.writeAnswer(Ipv6Header.of(about), TcpHeader.LENGTH, IpProtocol.TCP, TTL);
    TcpHeader tcp = reset(segment, reset, Ipv6Header.LENGTH);
    tcp.computeChecksum(answer.pseudoHeader(IpProtocol.TCP, TcpHeader.LENGTH));
    return reset;
  }

  private static TcpHeader reset(TcpHeader segment, ByteBuf reset, int at) {
    TcpHeader tcp = TcpHeader.at(reset, at, TcpHeader.LENGTH);
    int from = segment.destinationPort();
    int to = segment.sourcePort();
    if (segment.has(ACK)) {
      tcp.write(from, to, segment.acknowledgment(), 0, RST);
    } else {
      tcp.write(from, to, 0, segment.sequence() + segment.sequenceLength(), RST | ACK);
    }
    return tcp;
  }
}
