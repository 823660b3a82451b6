package dev.tailbridge.ip;

import static dev.tailbridge.ip.InternetChecksum.add;
import static dev.tailbridge.ip.InternetChecksum.sum32;

import java.net.Inet6Address;
import java.nio.ByteBuffer;

/**
 * An IPv6 address by value, without scope. Ordered, so that a crowded hash bucket stays fast.
 *
 * @param high the first eight bytes
 * @param low the last eight
 */
public record Ipv6Address(long high, long low) implements Comparable<Ipv6Address> {

  /** The same address without its scope. */
  public static Ipv6Address of(Inet6Address address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return new Ipv6Address(bytes.getLong(), bytes.getLong());
  }

  /** The one's complement sum of the address's words, for pseudo headers. */
  public int sum() {
    return add(sum64(high), sum64(low));
  }

  private static int sum64(long words) {
    return add(sum32((int) (words >>> 32)), sum32((int) words));
  }

  @Override
  public int compareTo(Ipv6Address other) {
    int order = Long.compare(high, other.high);
    return order != 0 ? order : Long.compare(low, other.low);
  }
}
