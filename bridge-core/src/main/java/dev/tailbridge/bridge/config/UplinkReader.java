package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a {@code [[device]]} that has an {@code endpoint}. */
final class UplinkReader {

  private static final Set<String> KEYS =
      Set.of(
          "name",
          "public_key",
          "preshared_key",
          "preshared_key_file",
          "preshared_key_env",
          "tailnet",
          "keepalive",
          "endpoint",
          "allowed_ips",
          "local_addresses",
          "mtu");

  /** What such a block has in common with others. */
  private final DeviceReader devices;

  UplinkReader(DeviceReader devices) {
    this.devices = devices;
  }

  static boolean isUplink(Table table) {
    return table.has("endpoint");
  }

  /** Each server has its own. */
  static void refuseInDefaults(Table defaults) {
    for (String key : List.of("endpoint", "allowed_ips", "local_addresses")) {
      if (defaults.has(key)) {
        defaults.error(key, "belongs to one server; write it in a [[device]]");
      }
    }
  }

  /** Reports what only an uplink has, where it is none. */
  static void refuseElsewhere(Table table) {
    for (String key : List.of("allowed_ips", "local_addresses", "mtu")) {
      if (table.has(key)) {
        table.error(
            key,
            "has no use without endpoint, the address of a WireGuard server that the bridge dials;"
                + " add that, or remove it");
      }
    }
  }

  /** The uplink, or null when something in it is missing or wrong. */
  @Nullable UplinkSection uplink(Table table) {
    for (String key : Section.DEVICE.keys().keySet()) {
      if (table.has(key) && !KEYS.contains(key)) {
        table.error(
            key,
            "has no use with endpoint, which makes this a server to dial; remove one of the two");
      }
    }
    if (table.has("tailnet") && !DeviceReader.NO_TAILNET.equals(table.string("tailnet"))) {
      table.error(
          "tailnet", "a server that the bridge dials is no machine in a tailnet; write \"none\"");
    }
    String name = devices.name(table);
    PublicKey publicKey = devices.publicKey(table);
    PresharedKey presharedKey = devices.presharedKey(table);
    Duration keepalive = devices.keepalive(table);
    HostAndPort endpoint = table.parse("endpoint", Addresses::hostAndPort);
    table.require("allowed_ips", "write the addresses behind the server, like [\"10.8.0.0/24\"]");
    table.require("local_addresses", "write the bridge's own address there, like [\"10.8.0.2\"]");
    List<IpPrefix> allowedIps = notEmpty(table, "allowed_ips", UplinkReader::prefix);
    List<InetAddress> localAddresses = notEmpty(table, "local_addresses", Addresses::address);
    Integer mtu = table.integer("mtu", least(localAddresses), UplinkSection.DEFAULT_MTU);
    if (name == null
        || publicKey == null
        || endpoint == null
        || allowedIps == null
        || localAddresses == null) {
      return null;
    }
    return new UplinkSection(
        name,
        publicKey,
        presharedKey,
        endpoint,
        allowedIps,
        localAddresses,
        keepalive,
        mtu == null ? UplinkSection.DEFAULT_MTU : mtu);
  }

  private static int least(@Nullable List<InetAddress> own) {
    return own != null && own.stream().anyMatch(Inet6Address.class::isInstance)
        ? UplinkSection.LEAST_MTU_IPV6
        : UplinkSection.LEAST_MTU;
  }

  private static <T> @Nullable List<T> notEmpty(Table table, String key, Table.Parser<T> parser) {
    List<T> values = table.parseList(key, parser);
    if (values != null && values.isEmpty()) {
      table.error(key, "is empty; write at least one");
      return null;
    }
    return values;
  }

  static IpPrefix prefix(String text) throws BadValueException {
    try {
      return IpPrefix.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BadValueException(String.valueOf(e.getMessage()));
    }
  }
}
