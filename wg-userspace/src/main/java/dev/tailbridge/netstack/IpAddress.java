package dev.tailbridge.netstack;

import dev.tailbridge.ip.Ipv4Addresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An address as two halves of 16 bytes, so that packets of both families are looked up by numbers.
 * IPv4 addresses are in their IPv4-mapped form (RFC 4291 2.5.5.2), which therefore may not come in
 * on IPv6 packets.
 */
record IpAddress(long high, long low) {

  private static final long MAPPED = 0xffffL << 32;

  static IpAddress of(InetAddress address) {
    if (address instanceof Inet4Address ipv4) {
      return new IpAddress(0, mapped(Ipv4Addresses.of(ipv4)));
    }
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return new IpAddress(bytes.getLong(), bytes.getLong());
  }

  /** The low half of an IPv4 address; the high one is zero. */
  static long mapped(int ipv4) {
    return MAPPED | (ipv4 & 0xffff_ffffL);
  }

  static boolean isIpv4(long high, long low) {
    return high == 0 && low >>> 32 == 0xffff;
  }

  static InetAddress inet(long high, long low) {
    ByteBuffer bytes =
        isIpv4(high, low)
            ? ByteBuffer.allocate(4).putInt((int) low)
            : ByteBuffer.allocate(16).putLong(high).putLong(low);
    try {
      return InetAddress.getByAddress(bytes.array());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  boolean isIpv4() {
    return isIpv4(high, low);
  }

  boolean is(long otherHigh, long otherLow) {
    return high == otherHigh && low == otherLow;
  }
}
