package dev.tailbridge.process;

import dev.tailbridge.bridge.ConfigFile;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigReader;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TomlText;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.NodeIdentity;
import dev.tailbridge.bridge.state.StateDirectory;
import dev.tailbridge.bridge.state.StateStore;
import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a bridge and its commands do to {@code devices.toml} and to the state, one thing after the
 * other until the process is killed. Before each thing it says what it will do, and after it {@code
 * done}; a thing that was not announced as done may have happened or not.
 */
final class EditingChild {

  static final String IDENTITY = "identity";
  private static final int MOST = 12;

  private final ConfigFile file;
  private final StateDirectory directory;
  private final StateStore store;
  private final Random random;
  private final List<PublicKey> removed = new ArrayList<>();
  private int number;

  private EditingChild(Path file, StateDirectory directory, StateStore store, int seed) {
    this.file = new ConfigFile(file, name -> null);
    this.directory = directory;
    this.store = store;
    this.random = new Random(seed);
    this.number = seed * 10_000;
  }

  /** The file, the state's folder, and a number of its own for each child. */
  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    StateDirectory directory = StateDirectory.open(Path.of(arguments[1]));
    EditingChild child =
        new EditingChild(
            file, directory, StateStore.open(directory), Integer.parseInt(arguments[2]));
    BridgeConfig config = ConfigReader.read(file, name -> null).config();
    while (true) {
      config = child.doOne(config);
      System.out.println("done");
    }
  }

  private BridgeConfig doOne(BridgeConfig config) throws Exception {
    List<DeviceSection> devices = config.devices();
    int choice = devices.size() < 2 ? 0 : devices.size() > MOST ? 1 : random.nextInt(5);
    BridgeConfig now =
        switch (choice) {
          case 0, 3 -> add(config);
          case 1 -> remove(any(devices));
          case 2 -> rename(any(devices));
          default -> {
            heard(any(devices));
            yield config;
          }
        };
    Map<PublicKey, Path> at = NodeDirectories.resolve(directory, store, nodes(now)).directories();
    for (Map.Entry<PublicKey, Path> node : at.entrySet()) {
      Path identity = node.getValue().resolve(IDENTITY);
      if (Files.notExists(identity)) {
        Path whole = identity.resolveSibling(IDENTITY + ".new");
        Files.writeString(whole, node.getKey().toBase64());
        Files.move(whole, identity, StandardCopyOption.ATOMIC_MOVE); // as Tailscale writes its own
      }
    }
    return now;
  }

  private DeviceSection any(List<DeviceSection> devices) {
    return devices.get(random.nextInt(devices.size()));
  }

  static List<NodeIdentity> nodes(BridgeConfig config) {
    return config.devices().stream()
        .map(device -> new NodeIdentity(device.publicKey(), "home", device.name()))
        .toList();
  }

  /** A new one, or one that was there before. */
  private BridgeConfig add(BridgeConfig config) throws Exception {
    PublicKey key;
    if (!removed.isEmpty() && random.nextBoolean()) {
      key = removed.remove(0);
    } else {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      key = PublicKey.of(bytes);
    }
    String name = "d" + ++number;
    say("add", key, name);
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("name", TomlText.of(name));
    keys.put("public_key", TomlText.of(key.toBase64()));
    Set<Inet4Address> taken =
        config.devices().stream().map(DeviceSection::address).collect(Collectors.toSet());
    Inet4Address address = Objects.requireNonNull(config.bridge().network().firstFree(taken));
    keys.put("address", TomlText.of(address.getHostAddress()));
    return file.change((editor, current) -> editor.add(keys)).config();
  }

  private BridgeConfig remove(DeviceSection device) throws Exception {
    removed.add(device.publicKey());
    say("remove", device.publicKey(), device.name());
    return file.change((editor, current) -> editor.remove(device.name())).config();
  }

  private BridgeConfig rename(DeviceSection device) throws Exception {
    String name = "d" + ++number;
    say("rename", device.publicKey(), name);
    return file.change((editor, current) -> editor.set(device.name(), "name", TomlText.of(name)))
        .config();
  }

  private void heard(DeviceSection device) throws Exception {
    say("hear", device.publicKey(), device.name());
    InetSocketAddress at =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1 + random.nextInt(65_535));
    store.update(state -> state.withEndpoints(Map.of(device.publicKey(), at)));
  }

  private static void say(String what, PublicKey key, String name) throws IOException {
    System.out.println(what + " " + key.toBase64() + " " + name);
  }
}
