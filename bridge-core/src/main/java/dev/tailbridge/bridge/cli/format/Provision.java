package dev.tailbridge.bridge.cli.format;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.HostAndPort;
import dev.tailbridge.bridge.config.TunnelNetwork;
import dev.tailbridge.bridge.config.TunnelServices;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import java.net.Inet4Address;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a device must be told.
 *
 * @param privateKey null when only its owner has it: then a placeholder stands in its place
 * @param endpoint what the device dials
 * @param keepaliveSeconds 0 for none
 * @param services what the bridge's own tunnel address has for it
 */
public record Provision(
    String name,
    Inet4Address address,
    TunnelNetwork network,
    @Nullable PrivateKey privateKey,
    PublicKey publicKey,
    @Nullable PresharedKey presharedKey,
    PublicKey bridgeKey,
    HostAndPort endpoint,
    long keepaliveSeconds,
    TunnelServices services) {

  public static Provision of(
      DeviceSection device,
      @Nullable PrivateKey privateKey,
      BridgeConfig config,
      PublicKey bridgeKey,
      HostAndPort endpoint) {
    return new Provision(
        device.name(),
        device.address(),
        config.bridge().network(),
        privateKey,
        device.publicKey(),
        device.presharedKey(),
        bridgeKey,
        endpoint,
        device.keepalive().toSeconds(),
        device.services());
  }

  String addressText() {
    return address.getHostAddress();
  }

  String netmask() {
    return network.netmask().getHostAddress();
  }

  /** What the device sends into the tunnel, and takes out of it. */
  List<TunnelNetwork> allowed() {
    return List.of(network, TunnelNetwork.TAILNETS);
  }

  boolean hasDns() {
    return services.dns() != TunnelServices.Dns.OFF;
  }

  boolean hasNtp() {
    return services.ntp();
  }

  String bridgeAddressText() {
    return network.bridgeAddress().getHostAddress();
  }

  /** A comment, or nothing when there is nothing. */
  String servicesText(String mark) {
    if (!hasDns() && !hasNtp()) {
      return "";
    }
    String what =
        !hasNtp() ? "names (DNS)" : !hasDns() ? "the time (NTP)" : "names (DNS) and the time (NTP)";
    return mark
        + " Once the tunnel is up, the bridge tells "
        + what
        + " at "
        + bridgeAddressText()
        + ".\n";
  }

  /** The private key, or words that say what belongs there. */
  String privateKeyText() {
    return privateKey == null
        ? "PRIVATE-KEY-OF-" + name.toUpperCase(Locale.ROOT)
        : privateKey.toBase64();
  }
}
