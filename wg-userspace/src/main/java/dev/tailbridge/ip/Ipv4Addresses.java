package dev.tailbridge.ip;

import java.net.Inet4Address;

/** IPv4 addresses as {@code int}s in network order. */
public final class Ipv4Addresses {

  private Ipv4Addresses() {}

  /** The address as it stands in a header. */
  public static int of(Inet4Address address) {
    byte[] bytes = address.getAddress();
    return (bytes[0] & 0xff) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | (bytes[3] & 0xff);
  }

  /** Dotted decimal. */
  public static String text(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 0xff)
        + "."
        + (address >>> 8 & 0xff)
        + "."
        + (address & 0xff);
  }
}
