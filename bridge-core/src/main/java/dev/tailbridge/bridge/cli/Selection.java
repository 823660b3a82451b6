package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.EditException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The devices that somebody named. */
final class Selection {

  private Selection() {}

  /**
   * @throws EditException when one is not in the configuration
   */
  static List<DeviceSection> of(BridgeConfig config, List<String> names) throws EditException {
    List<DeviceSection> devices = new ArrayList<>();
    for (String name : names) {
      devices.add(of(config, name));
    }
    return devices;
  }

  static DeviceSection of(BridgeConfig config, String name) throws EditException {
    for (DeviceSection device : config.devices()) {
      if (device.name().equals(name)) {
        return device;
      }
    }
    String known =
        config.devices().stream().map(DeviceSection::name).collect(Collectors.joining(", "));
    throw new EditException(
        config.file()
            + " has no device "
            + name
            + (known.isEmpty() ? "" : "; it has " + (known.length() < 200 ? known : "others")));
  }
}
