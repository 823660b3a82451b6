package dev.tailbridge.netstack;

import dev.tailbridge.ip.IcmpError;
import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.IpProtocol;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Header;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Answers pings, and passes on errors to the connections whose segments they quote (RFC 1122 3.2.2,
 * RFC 4443). Whether an error is worth believing is decided there, by the quoted sequence number.
 */
final class IcmpInput {

  private static final int TTL = 64;

  /** TCP's ports and sequence number, or UDP's header: all that an error must quote (RFC 792). */
  private static final int QUOTED_TRANSPORT = 8;

  /** Where an IPv4 error names no MTU, RFC 1191 5: the least that every link carries. */
  private static final int LEAST_IPV4_MTU = 576;

  private static final int TCP_HEADER = 20;

  private static final int V6_UNRECOGNIZED_NEXT_HEADER = 1;

  private final Stack stack;

  IcmpInput(Stack stack) {
    this.stack = stack;
  }

  /**
   * Takes a message.
   *
   * @return whether the packet was made the answer of itself, to be sent
   */
  boolean arrived(IpPacket packet) {
    if (packet.length() < IcmpHeader.LENGTH) {
      return false;
    }
    IcmpHeader icmp = IcmpHeader.at(packet.buffer(), packet.payload(), packet.length());
    boolean ipv6 = packet.protocol() == IpProtocol.ICMPV6;
    if (ipv6 == packet.ipv4() || !icmp.hasValidChecksum(ipv6 ? packet.pseudoHeader() : 0)) {
      return false;
    }
    if (icmp.type() == (ipv6 ? IcmpHeader.V6_ECHO_REQUEST : IcmpHeader.ECHO_REQUEST)) {
      return answer(packet, icmp);
    }
    Meaning meaning = ipv6 ? meaning6(icmp) : meaning4(icmp);
    if (meaning != null) {
      quoted(packet, icmp, meaning);
    }
    return false;
  }

  private boolean answer(IpPacket packet, IcmpHeader icmp) {
    if (stack.standsForAny()) {
      // The machine that was asked answers, or nobody does.
      return false;
    }
    if (packet.ipv4()) {
      Ipv4Header ip = Ipv4Header.of(packet.buffer());
      ip.swapAddresses();
      ip.rewriteTtl(TTL);
      icmp.rewriteToReply();
    } else {
      Ipv6Header.of(packet.buffer()).swapAddresses(TTL);
      icmp.rewriteType(IcmpHeader.V6_ECHO_REPLY, 0);
    }
    return true;
  }

  /**
   * What an error says.
   *
   * @param mtu of the link that a packet was too big for; 0 of any other error
   * @param hard whether trying again is of no use
   */
  private record Meaning(int mtu, boolean hard) {}

  private static final Meaning SOFT = new Meaning(0, false);
  private static final Meaning HARD = new Meaning(0, true);

  private static @Nullable Meaning meaning4(IcmpHeader icmp) {
    return switch (icmp.type()) {
      case IcmpHeader.UNREACHABLE ->
          switch (icmp.code()) {
            case IcmpError.FRAGMENTATION_NEEDED ->
                new Meaning(Math.max(icmp.rest() & 0xffff, LEAST_IPV4_MTU), false);
            case IcmpError.PROTOCOL_UNREACHABLE, IcmpError.PORT_UNREACHABLE -> HARD;
            default -> SOFT;
          };
      case IcmpHeader.TIME_EXCEEDED, IcmpHeader.PARAMETER_PROBLEM -> SOFT;
      default -> null;
    };
  }

  private static @Nullable Meaning meaning6(IcmpHeader icmp) {
    return switch (icmp.type()) {
      case IcmpHeader.V6_UNREACHABLE -> icmp.code() == IcmpError.V6_PORT_UNREACHABLE ? HARD : SOFT;
      case IcmpHeader.V6_PACKET_TOO_BIG -> {
        long mtu = icmp.rest() & 0xffff_ffffL;
        yield new Meaning((int) Math.min(Math.max(mtu, Ipv6Header.MINIMUM_MTU), 0xffff), false);
      }
      case IcmpHeader.V6_TIME_EXCEEDED -> SOFT;
      case IcmpHeader.V6_PARAMETER_PROBLEM ->
          icmp.code() == V6_UNRECOGNIZED_NEXT_HEADER ? HARD : SOFT;
      default -> null;
    };
  }

  /** Finds whose packet it is about: we sent that, so its source is ours. */
  private void quoted(IpPacket packet, IcmpHeader icmp, Meaning meaning) {
    ByteBuf bytes = packet.buffer();
    int at = icmp.quoted();
    int header = packet.ipv4() ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
    if (icmp.quotedLength() < header + QUOTED_TRANSPORT) {
      return;
    }
    // What we send has neither options nor extension headers.
    boolean own =
        packet.ipv4()
            ? bytes.getByte(at) == 0x45 && ours(Ipv4Header.at(bytes, at), packet)
            : bytes.getByte(at) >>> 4 == 6 && ours(Ipv6Header.at(bytes, at), packet);
    if (own) {
      int protocol = bytes.getUnsignedByte(at + (packet.ipv4() ? 9 : 6));
      route(protocol, quotedTuple(packet, at, header), bytes.getInt(at + header + 4), meaning);
    }
  }

  private static boolean ours(Ipv4Header quoted, IpPacket packet) {
    return quoted.source() == (int) packet.localLow() && quoted.fragmentOffset() == 0;
  }

  private static boolean ours(Ipv6Header quoted, IpPacket packet) {
    return quoted.sourceHigh() == packet.localHigh() && quoted.sourceLow() == packet.localLow();
  }

  private static FourTuple quotedTuple(IpPacket packet, int at, int header) {
    ByteBuf bytes = packet.buffer();
    int ports =
        FourTuple.ports(
            bytes.getUnsignedShort(at + header), bytes.getUnsignedShort(at + header + 2));
    boolean ipv4 = packet.ipv4();
    long high = ipv4 ? 0 : Ipv6Header.at(bytes, at).destinationHigh();
    long low =
        ipv4
            ? IpAddress.mapped(Ipv4Header.at(bytes, at).destination())
            : Ipv6Header.at(bytes, at).destinationLow();
    return new FourTuple(packet.localHigh(), packet.localLow(), high, low, ports);
  }

  private void route(int protocol, FourTuple tuple, int sequence, Meaning meaning) {
    if (protocol == IpProtocol.TCP) {
      int headers = (tuple.isIpv4() ? Ipv4Header.LENGTH : Ipv6Header.LENGTH) + TCP_HEADER;
      stack.networkError(
          tuple, sequence, meaning.hard, meaning.mtu == 0 ? 0 : meaning.mtu - headers);
    } else if (protocol == IpProtocol.UDP && meaning.hard) {
      stack.udp().unreachable(tuple);
    }
  }
}
