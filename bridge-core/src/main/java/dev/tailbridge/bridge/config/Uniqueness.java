package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what may be there only once in the file and is there twice. */
final class Uniqueness {
  private final Map<String, String> firstUse = new HashMap<>();
  private final @Nullable PublicKey bridgeKey;
  private final @Nullable String bridgePrivateKey;

  Uniqueness(@Nullable PrivateKey bridge) {
    this.bridgeKey = bridge == null ? null : bridge.publicKey();
    this.bridgePrivateKey = bridge == null ? null : bridge.toBase64();
  }

  /** Checks a device against the bridge and all before it. */
  void check(DeviceSection device, Table table) {
    String name = device.name();
    String address = device.address().getHostAddress();
    once(table, "name", name, Quote.of(name), name);
    once(table, "address", address, Quote.of(address), name);
    key(device.publicKey(), table, name);
    if (device.tailnet() != null) {
      once(
          table,
          "hostname",
          device.tailnet() + "/" + device.hostname(),
          Quote.of(device.hostname()),
          name);
    }
  }

  /** Checks a server that is dialed against the bridge and all before it. */
  void check(UplinkSection uplink, Table table) {
    once(table, "name", uplink.name(), Quote.of(uplink.name()), uplink.name());
    key(uplink.publicKey(), table, uplink.name());
    for (IpPrefix prefix : uplink.allowedIps()) {
      once(table, "allowed_ips", prefix.toString(), Quote.of(prefix.toString()), uplink.name());
    }
  }

  private void key(PublicKey key, Table table, String name) {
    once(table, "public_key", key.toBase64(), "this key", name);
    if (bridgeKey != null && key.equals(bridgeKey)) {
      table.error(
          "public_key", "is the bridge's own key; write the public key of the device itself");
    }
    if (key.toBase64().equals(bridgePrivateKey)) {
      table.error(
          "public_key", "is the bridge's private key; write the public key of the device itself");
    }
  }

  private void once(Table table, String key, String value, String shown, String name) {
    String other = firstUse.putIfAbsent(key + " " + value, name);
    if (other == null) {
      return;
    }
    if (key.equals("hostname") && other.equals(name)) {
      return; // the same name twice, which was said already
    }
    table.error(
        key,
        shown
            + " is taken by "
            + (key.equals("name") ? "another [[device]]" : "[[device]] " + Quote.of(other))
            + "; each device needs its own");
  }
}
