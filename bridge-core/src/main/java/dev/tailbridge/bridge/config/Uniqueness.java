package dev.tailbridge.bridge.config;

import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
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

  /** Checks a device against the bridge and all devices before it. */
  void check(DeviceSection device, Table table) {
    once(table, "name", device.name(), Quote.of(device.name()), device);
    once(
        table,
        "address",
        device.address().getHostAddress(),
        Quote.of(device.address().getHostAddress()),
        device);
    once(table, "public_key", device.publicKey().toBase64(), "this key", device);
    if (device.tailnet() != null) {
      once(
          table,
          "hostname",
          device.tailnet() + "/" + device.hostname(),
          Quote.of(device.hostname()),
          device);
    }
    if (bridgeKey != null && device.publicKey().equals(bridgeKey)) {
      table.error(
          "public_key", "is the bridge's own key; write the public key of the device itself");
    }
    if (device.publicKey().toBase64().equals(bridgePrivateKey)) {
      table.error(
          "public_key", "is the bridge's private key; write the public key of the device itself");
    }
  }

  private void once(Table table, String key, String value, String shown, DeviceSection device) {
    String other = firstUse.putIfAbsent(key + " " + value, device.name());
    if (other == null) {
      return;
    }
    if (key.equals("hostname") && other.equals(device.name())) {
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
