package dev.tailbridge.wireguard;

import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is configured about one peer. Immutable.
 *
 * @param publicKey names the peer
 * @param presharedKey mixed into the handshake; null for none
 * @param allowedIps inner addresses that belong to the peer, both as sources and as destinations
 * @param persistentKeepalive send a keepalive after so long without an authenticated packet either
 *     way, 1 to 65535 seconds; zero switches it off
 * @param endpoint where to send before the peer was heard; null to wait for it
 * @param name for people to read, in logs
 * @param staleInitiations how a device without a clock gets back in after a reboot
 */
public record PeerConfig(
    PublicKey publicKey,
    @Nullable PresharedKey presharedKey,
    List<IpPrefix> allowedIps,
    Duration persistentKeepalive,
    @Nullable InetSocketAddress endpoint,
    String name,
    StaleInitiations staleInitiations) {

  private static final Duration LONGEST_KEEPALIVE = Duration.ofSeconds(65535);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException naming the peer and what to change
   */
  public PeerConfig {
    allowedIps = List.copyOf(allowedIps);
    if (persistentKeepalive.isNegative()
        || persistentKeepalive.compareTo(LONGEST_KEEPALIVE) > 0
        || (!persistentKeepalive.isZero() && persistentKeepalive.toSeconds() == 0)) {
      throw new IllegalArgumentException(
          "Peer " + name + ": keepalive must be zero (off) or 1 to 65535 seconds");
    }
    if (endpoint != null && endpoint.isUnresolved()) {
      throw new IllegalArgumentException(
          "Peer "
              + name
              + ": the name "
              + endpoint.getHostString()
              + " did not resolve to an address");
    }
  }

  /** With {@link StaleInitiations#REVERSE}. */
  public PeerConfig(
      PublicKey publicKey,
      @Nullable PresharedKey presharedKey,
      List<IpPrefix> allowedIps,
      Duration persistentKeepalive,
      @Nullable InetSocketAddress endpoint,
      String name) {
    this(
        publicKey,
        presharedKey,
        allowedIps,
        persistentKeepalive,
        endpoint,
        name,
        StaleInitiations.REVERSE);
  }

  /** A peer that is waited for: no preshared key, no keepalive, no endpoint. */
  public static PeerConfig of(String name, PublicKey publicKey, List<IpPrefix> allowedIps) {
    return new PeerConfig(publicKey, null, allowedIps, Duration.ZERO, null, name);
  }

  public PeerConfig withPresharedKey(@Nullable PresharedKey key) {
    return new PeerConfig(
        publicKey, key, allowedIps, persistentKeepalive, endpoint, name, staleInitiations);
  }

  public PeerConfig withPersistentKeepalive(Duration interval) {
    return new PeerConfig(
        publicKey, presharedKey, allowedIps, interval, endpoint, name, staleInitiations);
  }

  public PeerConfig withEndpoint(@Nullable InetSocketAddress address) {
    return new PeerConfig(
        publicKey, presharedKey, allowedIps, persistentKeepalive, address, name, staleInitiations);
  }

  public PeerConfig withStaleInitiations(StaleInitiations choice) {
    return new PeerConfig(
        publicKey, presharedKey, allowedIps, persistentKeepalive, endpoint, name, choice);
  }
}
