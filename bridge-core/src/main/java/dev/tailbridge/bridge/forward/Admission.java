package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.InternetChecksum;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.TcpHeader;
import dev.tailbridge.ip.UdpHeader;
import io.netty.buffer.ByteBuf;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What every IPv4 packet must pass before anything else looks at it. After both checks all header
 * views can be read without further thought, and updating a checksum keeps it right.
 */
final class Admission {

  private Admission() {}

  /** Why the header of a packet or fragment is refused. */
  static @Nullable ForwardDrop headerFault(ByteBuf packet) {
    return switch (Ipv4Header.fault(packet)) {
      case NONE ->
          Ipv4Header.of(packet).headerLength() == Ipv4Header.LENGTH ? null : ForwardDrop.IP_OPTIONS;
      case CHECKSUM -> ForwardDrop.BAD_CHECKSUM;
      case TRUNCATED, NOT_IPV4, HEADER_LENGTH, TOTAL_LENGTH -> ForwardDrop.MALFORMED;
    };
  }

  /**
   * Why what a whole packet carries is refused.
   *
   * @param tcpEndsHere whether a stack takes TCP, which looks at its checksum itself
   */
  static @Nullable ForwardDrop payloadFault(ByteBuf packet, Ipv4Header ip, boolean tcpEndsHere) {
    return switch (ip.protocol()) {
      case IpProtocol.TCP -> tcpFault(TcpHeader.of(packet, ip), ip, tcpEndsHere);
      case IpProtocol.UDP -> {
        UdpHeader udp = UdpHeader.of(packet, ip);
        yield fault(udp.isWhole(), () -> udp.hasValidChecksum(pseudoHeader(ip)));
      }
      case IpProtocol.ICMP -> {
        IcmpHeader icmp = IcmpHeader.of(packet, ip);
        yield fault(icmp.isWhole(), icmp::hasValidChecksum);
      }
      default -> ForwardDrop.UNSUPPORTED_PROTOCOL;
    };
  }

  /** The sum of the pseudo header of a packet's payload. */
  static int pseudoHeader(Ipv4Header ip) {
    return InternetChecksum.pseudoHeader(
        ip.source(), ip.destination(), ip.protocol(), ip.payloadLength());
  }

  private static @Nullable ForwardDrop tcpFault(TcpHeader tcp, Ipv4Header ip, boolean unchecked) {
    boolean whole =
        tcp.isWhole()
            && !tcp.has(TcpHeader.SYN | TcpHeader.FIN)
            && !tcp.has(TcpHeader.SYN | TcpHeader.RST);
    return fault(whole, () -> unchecked || tcp.hasValidChecksum(pseudoHeader(ip)));
  }

  private static @Nullable ForwardDrop fault(boolean whole, BooleanSupplier validChecksum) {
    if (!whole) {
      return ForwardDrop.MALFORMED;
    }
    return validChecksum.getAsBoolean() ? null : ForwardDrop.BAD_CHECKSUM;
  }
}
