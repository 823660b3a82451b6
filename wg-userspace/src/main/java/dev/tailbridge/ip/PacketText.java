package dev.tailbridge.ip;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** One line for people about any bytes that should be a packet; never fails. */
public final class PacketText {

  private PacketText() {}

  /** For example {@code TCP 100.64.0.7:41000 > 100.64.0.3:80, 60 bytes}. */
  public static String describe(ByteBuf packet) {
    int size = packet.readableBytes();
    int version = size == 0 ? 0 : packet.getUnsignedByte(packet.readerIndex()) >>> 4;
    if (version == 4 && size >= Ipv4Header.LENGTH) {
      return describe4(packet, Ipv4Header.of(packet)) + ", " + size + " bytes";
    }
    if (version == 6 && size >= Ipv6Header.LENGTH) {
      return describe6(packet, Ipv6Header.of(packet)) + ", " + size + " bytes";
    }
    return size + " bytes that are no IP packet";
  }

  private static String describe4(ByteBuf packet, Ipv4Header ip) {
    int length = packet.writerIndex() - ip.payload();
    String source = Ipv4Addresses.text(ip.source());
    String destination = Ipv4Addresses.text(ip.destination());
    if (ip.fragmentOffset() != 0) {
      return name(ip.protocol()) + " fragment " + source + " > " + destination;
    }
    return flow(packet, ip.protocol(), ip.payload(), length, source, destination);
  }

  private static String describe6(ByteBuf packet, Ipv6Header ip) {
    int length = packet.writerIndex() - ip.payload();
    String source = "[" + address6(packet, packet.readerIndex() + 8) + "]";
    String destination = "[" + address6(packet, packet.readerIndex() + 24) + "]";
    return flow(packet, ip.nextHeader(), ip.payload(), length, source, destination);
  }

  private static String flow(
      ByteBuf packet, int protocol, int payload, int length, String source, String destination) {
    boolean ports = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
    if (ports && length >= 4) {
      return name(protocol)
          + " "
          + source
          + ":"
          + packet.getUnsignedShort(payload)
          + " > "
          + destination
          + ":"
          + packet.getUnsignedShort(payload + 2);
    }
    boolean icmp = protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
    String type = icmp && length >= 1 ? " type " + packet.getUnsignedByte(payload) : "";
    return name(protocol) + type + " " + source + " > " + destination;
  }

  private static String name(int protocol) {
    return switch (protocol) {
      case IpProtocol.ICMP -> "ICMP";
      case IpProtocol.TCP -> "TCP";
      case IpProtocol.UDP -> "UDP";
      case IpProtocol.ICMPV6 -> "ICMPv6";
      default -> "protocol " + protocol;
    };
  }

  private static String address6(ByteBuf packet, int index) {
    byte[] address = new byte[16];
    packet.getBytes(index, address);
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an IPv6 address", e);
    }
  }
}
