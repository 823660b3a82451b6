package dev.tailbridge.ip;

import java.net.Inet4Address;

/**
 * A range of IPv4 addresses.
 *
 * @param network the first address; bits after the prefix are zero
 * @param length bits that all addresses of the range share, 0 to 32
 */
public record Ipv4Prefix(int network, int length) {

  /** 100.64.0.0/10, from which tailnets give addresses to their machines. */
  public static final Ipv4Prefix TAILNET = new Ipv4Prefix(0x6440_0000, 10);

  /** 224.0.0.0/4. */
  public static final Ipv4Prefix MULTICAST = new Ipv4Prefix(0xe000_0000, 4);

  /** Refuses a length out of range and an address with bits after the prefix. */
  public Ipv4Prefix {
    if (length < 0 || length > 32) {
      throw new IllegalArgumentException("IPv4 prefix length " + length + " is not 0 to 32");
    }
    if ((network & ~mask(length)) != 0) {
      throw new IllegalArgumentException(
          Ipv4Addresses.text(network) + "/" + length + " has bits set after the prefix");
    }
  }

  /** The range of that length around an address. */
  public static Ipv4Prefix around(Inet4Address address, int length) {
    return new Ipv4Prefix(Ipv4Addresses.of(address) & mask(length), length);
  }

  /** Whether the address lies in the range. */
  public boolean contains(int address) {
    return (address & mask(length)) == network;
  }

  /** The last address: of a subnet of /30 or shorter, its directed broadcast address. */
  public int last() {
    return network | ~mask(length);
  }

  @Override
  public String toString() {
    return Ipv4Addresses.text(network) + "/" + length;
  }

  private static int mask(int length) {
    return length == 0 ? 0 : -1 << (32 - length);
  }
}
