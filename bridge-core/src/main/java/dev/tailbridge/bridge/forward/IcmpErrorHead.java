package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.IcmpHeader;
import dev.tailbridge.ip.Ipv4Header;
import dev.tailbridge.ip.Ipv6Header;
import org.jspecify.annotations.Nullable;

/**
 * What an ICMP or ICMPv6 error says before it quotes a packet, and how the one is said as the other
 * (RFC 7915 4.2 and 5.2). What has no counterpart becomes null: such errors are dropped.
 *
 * @param rest the second four bytes: a pointer, an MTU, or nothing. Lengths of extensions (RFC
 *     4884) never pass: extensions are cut off
 */
record IcmpErrorHead(int type, int code, int rest) {

  private static final int HOST_UNREACHABLE = 1;
  private static final int PROTOCOL_UNREACHABLE = 2;
  private static final int PORT_UNREACHABLE = 3;
  private static final int FRAGMENTATION_NEEDED = 4;
  private static final int HOST_PROHIBITED = 10;

  private static final int V6_NO_ROUTE = 0;
  private static final int V6_PROHIBITED = 1;
  private static final int V6_PORT_UNREACHABLE = 4;
  private static final int V6_UNKNOWN_NEXT_HEADER = 1;
  private static final int V6_NEXT_HEADER_POINTER = 6;

  private static final int HEADER_DIFFERENCE = Ipv6Header.LENGTH - Ipv4Header.LENGTH;
  private static final int NONE = -1;

  /** RFC 7915 figure 6: the IPv4 field for each byte of the IPv6 header before the addresses. */
  private static final int[] TO_V4 = {0, 1, NONE, NONE, 2, 2, 9, 8};

  /** RFC 7915 figure 3: the IPv6 field for each byte of the IPv4 header before the addresses. */
  private static final int[] TO_V6 = {0, 1, 4, 4, NONE, NONE, NONE, NONE, 7, 6, NONE, NONE};

  static IcmpErrorHead of(IcmpHeader icmp) {
    return new IcmpErrorHead(icmp.type(), icmp.code(), icmp.rest());
  }

  /** Whether an ICMPv6 type is that of an error (RFC 4443 2.1). */
  static boolean isV6Error(int type) {
    return type < IcmpHeader.V6_ECHO_REQUEST;
  }

  /**
   * This ICMPv6 error as ICMP.
   *
   * @param tailnetMtu the most that the tailnet carries, whatever the error says
   */
  @Nullable IcmpErrorHead toV4(int tailnetMtu) {
    return switch (type) {
      case IcmpHeader.V6_UNREACHABLE ->
          switch (code) {
            case 0, 2, 3 -> unreachable4(HOST_UNREACHABLE, 0);
            case 1 -> unreachable4(HOST_PROHIBITED, 0);
            case 4 -> unreachable4(PORT_UNREACHABLE, 0);
            default -> null;
          };
      case IcmpHeader.V6_PACKET_TOO_BIG ->
          unreachable4(
              FRAGMENTATION_NEEDED, mtu(rest & 0xffff_ffffL, tailnetMtu) - HEADER_DIFFERENCE);
      case IcmpHeader.V6_TIME_EXCEEDED -> new IcmpErrorHead(IcmpHeader.TIME_EXCEEDED, code, 0);
      case IcmpHeader.V6_PARAMETER_PROBLEM ->
          switch (code) {
            case 0 -> pointing(IcmpHeader.PARAMETER_PROBLEM, pointerToV4(rest), 24);
            case 1 -> unreachable4(PROTOCOL_UNREACHABLE, 0);
            default -> null;
          };
      default -> null;
    };
  }

  /**
   * This ICMP error as ICMPv6.
   *
   * @param tailnetMtu the most that the tailnet carries, whatever the error says
   */
  @Nullable IcmpErrorHead toV6(int tailnetMtu) {
    return switch (type) {
      case IcmpHeader.UNREACHABLE ->
          switch (code) {
            case 0, 1, 5, 6, 7, 8, 11, 12 -> unreachable6(V6_NO_ROUTE);
            case 2 ->
                new IcmpErrorHead(
                    IcmpHeader.V6_PARAMETER_PROBLEM,
                    V6_UNKNOWN_NEXT_HEADER,
                    V6_NEXT_HEADER_POINTER);
            case 3 -> unreachable6(V6_PORT_UNREACHABLE);
            case 4 ->
                new IcmpErrorHead(
                    IcmpHeader.V6_PACKET_TOO_BIG,
                    0,
                    mtu((rest & 0xffff) + HEADER_DIFFERENCE, tailnetMtu));
            case 9, 10, 13, 15 -> unreachable6(V6_PROHIBITED);
            default -> null;
          };
      case IcmpHeader.TIME_EXCEEDED -> new IcmpErrorHead(IcmpHeader.V6_TIME_EXCEEDED, code, 0);
      case IcmpHeader.PARAMETER_PROBLEM ->
          code == 0 || code == 2
              ? pointing(IcmpHeader.V6_PARAMETER_PROBLEM, pointerToV6(rest >>> 24), 0)
              : null;
      default -> null;
    };
  }

  private static IcmpErrorHead unreachable4(int code, int rest) {
    return new IcmpErrorHead(IcmpHeader.UNREACHABLE, code, rest);
  }

  private static IcmpErrorHead unreachable6(int code) {
    return new IcmpErrorHead(IcmpHeader.V6_UNREACHABLE, code, 0);
  }

  private static @Nullable IcmpErrorHead pointing(int type, int pointer, int shift) {
    return pointer == NONE ? null : new IcmpErrorHead(type, 0, pointer << shift);
  }

  /** IPv6 goes below 1280 nowhere (RFC 8200 5), and from here no farther than the tailnet's. */
  private static int mtu(long claimed, int tailnetMtu) {
    return (int) Math.min(tailnetMtu, Math.max(Ipv6Header.MINIMUM_MTU, claimed));
  }

  private static int pointerToV4(int pointer) {
    if (pointer < 0 || pointer >= Ipv6Header.LENGTH) {
      return NONE;
    }
    return pointer < TO_V4.length ? TO_V4[pointer] : pointer < 24 ? 12 : 16;
  }

  private static int pointerToV6(int pointer) {
    if (pointer >= Ipv4Header.LENGTH) {
      return NONE;
    }
    return pointer < TO_V6.length ? TO_V6[pointer] : pointer < 16 ? 8 : 24;
  }
}
