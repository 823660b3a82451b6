package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The IPv4 network inside the tunnel. Its first address is the bridge's, its last is the broadcast
 * address; devices have those between.
 *
 * @param base the network address: no bit set after the prefix
 * @param prefixLength 8 to 30
 */
public record TunnelNetwork(Inet4Address base, int prefixLength) {

  /** Where tailnets have their addresses (RFC 6598). */
  public static final TunnelNetwork TAILNETS = new TunnelNetwork(address(100 << 24 | 64 << 16), 10);

  /** Where nothing is said. */
  static final TunnelNetwork DEFAULT = new TunnelNetwork(address(10 << 24 | 6 << 16), 24);

  public TunnelNetwork {
    if (prefixLength < 8 || prefixLength > 30 || (bits(base) & ~mask(prefixLength)) != 0) {
      throw new IllegalArgumentException(base + "/" + prefixLength);
    }
  }

  /** The network as an address range. */
  public IpPrefix prefix() {
    return IpPrefix.of(base, prefixLength);
  }

  /** The bridge's own tunnel address. */
  public Inet4Address bridgeAddress() {
    return address(bits(base) + 1);
  }

  /** The lowest address that a device can have. */
  public Inet4Address firstDeviceAddress() {
    return address(bits(base) + 2);
  }

  /** The highest address that a device can have. */
  public Inet4Address lastDeviceAddress() {
    return address(bits(broadcastAddress()) - 1);
  }

  /** The last address of the network. */
  public Inet4Address broadcastAddress() {
    return address(bits(base) | ~mask(prefixLength));
  }

  /** The netmask of the network, as in {@code 255.255.255.0}. */
  public Inet4Address netmask() {
    return address(mask(prefixLength));
  }

  /** The lowest address for a device that is not among {@code taken}; null when none is left. */
  public @Nullable Inet4Address firstFree(Set<Inet4Address> taken) {
    for (int bits = bits(firstDeviceAddress()); bits <= bits(lastDeviceAddress()); bits++) {
      Inet4Address candidate = address(bits);
      if (!taken.contains(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /** Whether the address lies in the network; its first and last address do. */
  public boolean contains(Inet4Address address) {
    return (bits(address) & mask(prefixLength)) == bits(base);
  }

  /** Whether the text is an address that a device can have. */
  public boolean hasDevice(String text) {
    try {
      Inet4Address address = Addresses.ipv4(text);
      return contains(address)
          && !address.equals(base)
          && !address.equals(bridgeAddress())
          && !address.equals(broadcastAddress());
    } catch (BadValueException e) {
      return false;
    }
  }

  /** Whether the two have an address in common. */
  boolean overlaps(TunnelNetwork other) {
    return contains(other.base) || other.contains(base);
  }

  /** The network that {@code address} lies in, with the bits after the prefix cleared. */
  static TunnelNetwork around(Inet4Address address, int prefixLength) {
    return new TunnelNetwork(address(bits(address) & mask(prefixLength)), prefixLength);
  }

  @Override
  public String toString() {
    return base.getHostAddress() + "/" + prefixLength;
  }

  private static int mask(int prefixLength) {
    return -1 << (32 - prefixLength);
  }

  private static int bits(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  private static Inet4Address address(int bits) {
    try {
      return (Inet4Address) InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(bits).array());
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an IPv4 address", e);
    }
  }
}
