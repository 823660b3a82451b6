package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.BridgeException;
import dev.tailbridge.bridge.BridgeKey;
import dev.tailbridge.bridge.DeviceKeys;
import dev.tailbridge.bridge.cli.format.Provision;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.HostAndPort;
import dev.tailbridge.wireguard.PrivateKey;
import dev.tailbridge.wireguard.PublicKey;
import org.jspecify.annotations.Nullable;

/** Gathers what devices of one configuration must be told. */
final class Provisions {
  private final BridgeConfig config;
  private final HostAndPort endpoint;
  private final PublicKey bridgeKey;
  private final DeviceKeys keys;

  /**
   * @throws EditException when the configuration does not say what devices dial
   * @throws BridgeException when the bridge's key cannot be read or made
   */
  Provisions(BridgeConfig config) throws EditException, BridgeException {
    HostAndPort dialled = config.bridge().endpoint();
    if (dialled == null) {
      throw new EditException(
          "endpoint is missing in [bridge] of "
              + config.file()
              + "; write what devices dial, as in endpoint = \"bridge.example.net:51820\"");
    }
    this.config = config;
    this.endpoint = dialled;
    this.bridgeKey = BridgeKey.of(config);
    this.keys = new DeviceKeys(config.bridge().stateDir());
  }

  /** With the private key, if it is kept. */
  Provision of(DeviceSection device) {
    return of(device, keys.find(device.name(), device.publicKey()).orElse(null));
  }

  Provision of(DeviceSection device, @Nullable PrivateKey privateKey) {
    return Provision.of(device, privateKey, config, bridgeKey, endpoint);
  }

  DeviceKeys keys() {
    return keys;
  }
}
