package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.Ipv4Addresses;
import java.net.Inet4Address;
import java.net.Inet6Address;
import org.jspecify.annotations.Nullable;

/** The addresses that the device has in the tailnet, once its node knows them. */
final class NodeAddresses {

  private @Nullable Inet4Address v4;
  private byte @Nullable [] v6;
  private int packed;

  /**
   * Takes the present addresses.
   *
   * @return whether the IPv4 address is another one than the last that was known
   */
  boolean set(@Nullable Inet4Address v4, @Nullable Inet6Address v6) {
    this.v4 = v4;
    this.v6 = v6 == null ? null : v6.getAddress();
    int before = packed;
    if (v4 != null) {
      packed = Ipv4Addresses.of(v4);
    }
    return packed != before;
  }

  /** Whether there is an IPv4 address now. */
  boolean isKnown() {
    return v4 != null;
  }

  /** The IPv4 address, or the last one known. */
  int v4() {
    return packed;
  }

  /** Whether this is the present IPv4 address. */
  boolean is(int address) {
    return v4 != null && packed == address;
  }

  /** The IPv6 address in 16 bytes. */
  byte @Nullable [] v6() {
    return v6;
  }
}
