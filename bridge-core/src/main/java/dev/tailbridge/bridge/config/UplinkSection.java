package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code [[device]]} with an {@code endpoint}: a WireGuard server that the bridge dials, as a
 * client of it, for the gateway rules.
 *
 * @param name unique among devices and uplinks
 * @param endpoint of the server; its name is looked up when it is dialed
 * @param allowedIps the addresses behind the server
 * @param localAddresses the bridge's own in the server's network
 * @param keepalive how long nothing may be exchanged before a keepalive, in whole seconds; {@link
 *     Duration#ZERO} for {@code "off"}
 * @param mtu bytes of the largest packet in the tunnel
 */
public record UplinkSection(
    String name,
    PublicKey publicKey,
    @Nullable PresharedKey presharedKey,
    HostAndPort endpoint,
    List<IpPrefix> allowedIps,
    List<InetAddress> localAddresses,
    Duration keepalive,
    int mtu) {

  /** What a WireGuard packet of 1500 bytes has room for, whatever its outer addresses are. */
  public static final int DEFAULT_MTU = 1420;

  /** What every host must take (RFC 791); with IPv6 it is {@value #LEAST_MTU_IPV6}. */
  public static final int LEAST_MTU = 576;

  /** RFC 8200 section 5. */
  public static final int LEAST_MTU_IPV6 = 1280;

  public UplinkSection {
    allowedIps = List.copyOf(allowedIps);
    localAddresses = List.copyOf(localAddresses);
  }

  /** Whether there is an own address in the family of {@code called}. */
  boolean canCall(InetAddress called) {
    return localAddresses.stream().anyMatch(own -> own.getClass() == called.getClass());
  }
}
