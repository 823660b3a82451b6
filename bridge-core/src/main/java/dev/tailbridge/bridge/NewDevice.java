package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceEditor;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.DnsLabel;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.TomlText;
import dev.tailbridge.bridge.config.TunnelNetwork;
import dev.tailbridge.bridge.state.AtomicFile;
import dev.tailbridge.wireguard.PresharedKey;
import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device that is to be added to a configuration.
 *
 * @param name a host name label
 * @param presharedKey goes into {@code NAME.psk} beside the configuration; null for none
 * @param address null for the lowest that is free, for one device at a time
 * @param more further keys of its block, with their values as TOML writes them
 */
public record NewDevice(
    String name,
    PublicKey publicKey,
    @Nullable PresharedKey presharedKey,
    @Nullable String address,
    Map<String, String> more) {

  public NewDevice {
    more = new LinkedHashMap<>(more);
  }

  /**
   * Adds it.
   *
   * @return its block as the configuration now has it
   * @throws EditException when the name is taken, no address is left, or a value is not possible
   */
  public DeviceSection addTo(ConfigFile file, Path path) throws EditException, ConfigException {
    return addAll(List.of(this), file, path).devices().stream()
        .filter(device -> device.name().equals(name))
        .findAny()
        .orElseThrow();
  }

  /**
   * Adds several in one change: all or none.
   *
   * @param path of the configuration, beside which preshared keys are put
   * @return the configuration with them
   * @throws EditException when one cannot be added
   */
  public static BridgeConfig addAll(List<NewDevice> devices, ConfigFile file, Path path)
      throws EditException, ConfigException {
    for (NewDevice device : devices) {
      DnsLabel.require(device.name()); // before it becomes the name of a file
    }
    List<Path> written = new ArrayList<>();
    try {
      BridgeConfig config =
          file.change(
                  (editor, current) -> {
                    DeviceEditor with = editor;
                    for (NewDevice device : devices) {
                      Map<String, String> keys = device.keys(current);
                      if (device.presharedKey() != null) {
                        Path secret = path.toAbsolutePath().resolveSibling(device.name() + ".psk");
                        write(secret, device.presharedKey());
                        written.add(secret);
                        keys.put("preshared_key_file", TomlText.of(device.name() + ".psk"));
                      }
                      keys.putAll(device.more());
                      with = with.add(keys);
                    }
                    return with;
                  })
              .config();
      written.clear();
      return config;
    } finally {
      written.forEach(NewDevice::delete);
    }
  }

  private Map<String, String> keys(BridgeConfig current) throws EditException {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("name", TomlText.of(name));
    keys.put("public_key", TomlText.of(publicKey.toBase64()));
    keys.put("address", TomlText.of(address == null ? free(current) : address));
    return keys;
  }

  private static String free(BridgeConfig current) throws EditException {
    TunnelNetwork network = current.bridge().network();
    Set<Inet4Address> taken =
        current.devices().stream().map(DeviceSection::address).collect(Collectors.toSet());
    Inet4Address free = network.firstFree(taken);
    if (free == null) {
      throw new EditException(
          "the network "
              + network
              + " is full: all "
              + taken.size()
              + " addresses for devices are taken; remove a device, or write a larger network in"
              + " [bridge]");
    }
    return free.getHostAddress();
  }

  private static void write(Path secret, PresharedKey key) throws EditException {
    if (Files.exists(secret)) {
      throw new EditException(
          secret + " exists already; remove it when no device needs it, or choose another name");
    }
    try {
      AtomicFile.write(secret, key.toBase64() + "\n");
    } catch (IOException e) {
      throw new EditException(
          "the preshared key cannot be kept: " + secret + " cannot be written", e);
    }
  }

  private static void delete(Path secret) {
    try {
      Files.deleteIfExists(secret);
    } catch (IOException e) {
      // A file that nothing names any more; the message of what went wrong before matters more.
    }
  }
}
