package dev.tailbridge.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tailbridge.bridge.DeviceBundle.Moved;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceEditor;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.NodeIdentity;
import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Devices that leave this bridge for another one, with the machines that they are in their tailnet.
 *
 * <p>In this order: {@link #pack}, which changes nothing; what it gave is kept somewhere safe;
 * {@link #leave}; a bridge that runs lets them go; {@link #erase}. A crash in between leaves a
 * device here, there, or in the file, but never nowhere.
 */
public final class DeviceDeparture {
  private static final List<String> LEFT_BEHIND =
      List.of(
          "tailnet",
          "preshared_key",
          "preshared_key_file",
          "preshared_key_env",
          "auth_key",
          "auth_key_file",
          "auth_key_env");

  private final BridgeConfig config;
  private final List<DeviceSection> devices;

  /**
   * @param config what the file says now
   */
  public DeviceDeparture(BridgeConfig config, List<DeviceSection> devices) {
    this.config = config;
    this.devices = List.copyOf(devices);
  }

  /** What another bridge must know of them. */
  public byte[] pack() throws EditException, BridgeException {
    try {
      DeviceEditor editor = DeviceEditor.of(Files.readString(config.file()));
      List<Moved> packed = new ArrayList<>();
      for (DeviceSection device : devices) {
        packed.add(pack(device, editor));
      }
      return new DeviceBundle(BridgeKey.of(config).toBase64(), packed).toJson().getBytes(UTF_8);
    } catch (StateException e) {
      throw new BridgeException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new EditException(config.file() + " cannot be read: " + e.getMessage(), e);
    }
  }

  private Moved pack(DeviceSection device, DeviceEditor editor)
      throws EditException, StateException {
    DeviceEditor bare = editor;
    for (String key : LEFT_BEHIND) {
      bare = bare.unset(device.name(), key);
    }
    TailnetSection tailnet =
        device.tailnet() == null ? null : config.tailnets().get(device.tailnet());
    return new Moved(
        device.name(),
        bare.blockText(device.name()),
        device.presharedKey() == null ? null : device.presharedKey().toBase64(),
        new DeviceKeys(config.bridge().stateDir())
            .find(device.name(), device.publicKey())
            .map(PrivateKey::toBase64)
            .orElse(null),
        device.tailnet(),
        tailnet == null || tailnet.controlUrl() == null ? null : tailnet.controlUrl().toString(),
        device.tailnet() == null
            ? null
            : NodeDirectories.read(config.bridge().stateDir(), identity(device)));
  }

  /** Takes their blocks out of the configuration, with the secrets that go with those. */
  public List<String> leave(ConfigFile file) throws EditException, ConfigException {
    return new DeviceRemoval(config, file).remove(devices);
  }

  /** Erases their tailnet nodes here, so that nobody ever runs one of them a second time. */
  public void erase() throws BridgeException {
    try {
      for (DeviceSection device : devices) {
        if (device.tailnet() != null) {
          NodeDirectories.erase(config.bridge().stateDir(), identity(device));
        }
      }
    } catch (StateException e) {
      throw new BridgeException(String.valueOf(e.getMessage()), e);
    }
  }

  private static NodeIdentity identity(DeviceSection device) {
    return new NodeIdentity(
        device.publicKey(), Objects.requireNonNull(device.tailnet()), device.name());
  }
}
