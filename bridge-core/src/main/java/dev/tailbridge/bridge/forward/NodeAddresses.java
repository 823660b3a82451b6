package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.Ipv4Addresses;
import dev.tailbridge.ip.Ipv6Address;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The addresses that the device has in the tailnet, once its node knows them. */
final class NodeAddresses {

  private @Nullable Inet4Address v4;
  private @Nullable Ipv6Address v6;
  private int packed;
  private @Nullable Ipv6Address lastV6;

  /**
   * Takes the present addresses.
   *
   * @return whether one of them is another one than the last that was known
   */
  boolean set(@Nullable Inet4Address v4, @Nullable Inet6Address v6) {
    this.v4 = v4;
    this.v6 = v6 == null ? null : Ipv6Address.of(v6);
    int before = packed;
    Ipv6Address beforeV6 = lastV6;
    if (v4 != null) {
      packed = Ipv4Addresses.of(v4);
    }
    if (v6 != null) {
      lastV6 = this.v6;
    }
    return packed != before || !Objects.equals(lastV6, beforeV6);
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

  /** The IPv6 address, if there is one now. */
  @Nullable Ipv6Address v6() {
    return v6;
  }
}
