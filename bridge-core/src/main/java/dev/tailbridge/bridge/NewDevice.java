package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device that is to be added to a configuration.
 *
 * @param name a host name label
 * @param presharedKey goes into {@code NAME.psk} beside the configuration; null for none
 * @param address null for the lowest that is free
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
    DnsLabel.require(name); // before it becomes the name of a file
    Path secret = path.toAbsolutePath().resolveSibling(name + ".psk");
    boolean[] written = new boolean[1];
    try {
      BridgeConfig config =
          file.change(
                  (editor, current) -> {
                    Map<String, String> keys = keys(current);
                    if (presharedKey != null) {
                      write(secret, presharedKey);
                      written[0] = true;
                      keys.put("preshared_key_file", TomlText.of(name + ".psk"));
                    }
                    keys.putAll(more);
                    return editor.add(keys);
                  })
              .config();
      written[0] = false;
      return config.devices().stream()
          .filter(device -> device.name().equals(name))
          .findAny()
          .orElseThrow();
    } finally {
      if (written[0]) {
        delete(secret);
      }
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
