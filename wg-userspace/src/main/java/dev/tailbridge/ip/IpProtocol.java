package dev.tailbridge.ip;

/** The protocol numbers that this package knows (IPv4 protocol, IPv6 next header). */
public final class IpProtocol {

  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMPV6 = 58;

  private IpProtocol() {}
}
