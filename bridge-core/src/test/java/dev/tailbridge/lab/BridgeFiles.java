package dev.tailbridge.lab;

import dev.tailbridge.wireguard.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A folder with a {@code devices.toml} for a bridge on loopback. */
public final class BridgeFiles {

  private final Path folder;
  private final int wireGuardPort;
  private final int adminPort;
  private final List<String> bridge = new ArrayList<>();
  private final List<String> admin = new ArrayList<>();
  private final List<String> tailnets = new ArrayList<>();
  private final Map<String, String> devices = new LinkedHashMap<>();
  private Set<String> leftOut = Set.of();
  private String whole = "";

  public BridgeFiles(Path folder) {
    this.folder = folder;
    adminPort = FreePorts.tcp();
    wireGuardPort = FreePorts.udp();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public BridgeFiles tailnet(String name, ControlPlane control, String authKey) {
    return tailnet(name, control).line("auth_key = \"" + authKey + "\"");
  }

  /** Somebody must log in at the URL that the bridge shows. */
  public BridgeFiles tailnetWithoutKey(String name, ControlPlane control) {
    return tailnet(name, control);
  }

  private BridgeFiles tailnet(String name, ControlPlane control) {
    return line("[tailnet." + name + "]").line("control_url = \"" + control.url() + "\"");
  }

  /** Adds a TOML line to the tailnet that was added last. */
  public BridgeFiles line(String line) {
    tailnets.add(line);
    return this;
  }

  /** Adds a TOML line to {@code [bridge]}. */
  public BridgeFiles bridge(String line) {
    bridge.add(line);
    return this;
  }

  /** Adds a TOML line to {@code [admin]}. */
  public BridgeFiles admin(String line) {
    admin.add(line);
    return this;
  }

  /** Adds a device; {@code more} is further TOML lines of its block. */
  public BridgeFiles device(LabDevice device, String tailnet, String... more) {
    return device(device.name(), device.publicKey(), device.address(), tailnet, more);
  }

  /** Adds a device; {@code more} is further TOML lines of its block. */
  public BridgeFiles device(
      String name, PublicKey publicKey, String address, String tailnet, String... more) {
    devices.put(
        name,
        """
        [[device]]
        name = "%s"
        public_key = "%s"
        address = "%s"
        tailnet = "%s"
        %s
        """
            .formatted(name, publicKey.toBase64(), address, tailnet, String.join("\n", more)));
    return this;
  }

  /** Leaves the blocks of these devices out, and puts those of all others in, from now on. */
  public BridgeFiles without(Set<String> names) {
    leftOut = Set.copyOf(names);
    return this;
  }

  /** Takes a whole configuration, which then listens on this one's ports. */
  public BridgeFiles whole(String toml) {
    String listening = "[bridge]\nlisten = [\"127.0.0.1:%d\"]\n".formatted(wireGuardPort);
    String admin = "\n[admin]\nlisten = \"127.0.0.1:%d\"\n".formatted(adminPort);
    whole = toml.replace("[bridge]\n", listening) + admin;
    return this;
  }

  /** Writes the file anew and returns it. */
  public Path write() {
    String sections =
        """
        [bridge]
        listen = ["127.0.0.1:%d"]
        state_dir = "state"
        %s

        [admin]
        listen = "127.0.0.1:%d"
        %s

        """
            .formatted(
                wireGuardPort, String.join("\n", bridge), adminPort, String.join("\n", admin));
    return write(
        whole.isEmpty() ? sections + String.join("\n", tailnets) + "\n" + blocks() : whole);
  }

  /** Gives the file this text, in one step: a bridge that runs may look at it at any moment. */
  public Path write(String toml) {
    try {
      Path next = Files.writeString(folder.resolve("devices.toml.next"), toml);
      Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
      return Files.move(next, folder.resolve("devices.toml"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String blocks() {
    return devices.entrySet().stream()
        .filter(device -> !leftOut.contains(device.getKey()))
        .map(Map.Entry::getValue)
        .collect(Collectors.joining("\n"));
  }

  public Path folder() {
    return folder;
  }

  public int wireGuardPort() {
    return wireGuardPort;
  }

  public int adminPort() {
    return adminPort;
  }
}
