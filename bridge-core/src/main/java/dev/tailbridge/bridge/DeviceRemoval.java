package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceEditor;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes devices out of a configuration, with the secrets that {@link NewDevice} and {@link
 * DeviceKeys} keep for them. Their tailnet nodes are not its business.
 */
public final class DeviceRemoval {
  private final BridgeConfig config;
  private final ConfigFile file;
  private final List<String> erased = new ArrayList<>();

  /**
   * @param config what the file says now
   */
  public DeviceRemoval(BridgeConfig config, ConfigFile file) {
    this.config = config;
    this.file = file;
  }

  /**
   * Removes them, all in one change.
   *
   * @return what was erased besides the blocks, a line each
   */
  public List<String> remove(List<DeviceSection> devices) throws EditException, ConfigException {
    file.change(
        (editor, current) -> {
          DeviceEditor without = editor;
          for (DeviceSection device : devices) {
            without = without.remove(device.name());
          }
          return without;
        });
    DeviceKeys keys = new DeviceKeys(config.bridge().stateDir());
    for (DeviceSection device : devices) {
      if (keys.forget(device.name())) {
        erased.add("erased the private key " + keys.file(device.name()));
      }
      erasePresharedKey(device);
    }
    return erased;
  }

  /** Only the file that {@link NewDevice} made, and only while it holds this device's key. */
  private void erasePresharedKey(DeviceSection device) throws EditException {
    Path secret = config.file().toAbsolutePath().resolveSibling(device.name() + ".psk");
    try {
      if (device.presharedKey() != null
          && Files.isRegularFile(secret)
          && Files.readString(secret).strip().equals(device.presharedKey().toBase64())) {
        Files.delete(secret);
        erased.add("erased the preshared key " + secret);
      }
    } catch (IOException e) {
      throw new EditException("removed, but " + secret + " cannot be erased; remove it by hand", e);
    }
  }

  /** Where the tailnet node of a device keeps what it is, for those who want it to be forgotten. */
  public Path nodeDirectory(DeviceSection device) {
    return config
        .bridge()
        .stateDir()
        .resolve("nodes")
        .resolve(String.valueOf(device.tailnet()))
        .resolve(device.name());
  }
}
