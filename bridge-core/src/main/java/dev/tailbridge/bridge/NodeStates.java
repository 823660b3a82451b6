package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.NodeIdentity;
import dev.tailbridge.bridge.state.StateException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The machines in a tailnet that esp32-tailbridge ran for its devices: a tailscaled for each, whose
 * state lies in {@code tailscale-espN}, where N is one less than the last number of the device's
 * address.
 */
public final class NodeStates {
  private static final List<String> FILES = List.of("tailscaled.state", "state.json");

  private final Path folder;
  private final BridgeConfig config;
  private final @Nullable String tailnet;
  private final List<NodeIdentity> brought = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * @param folder usually /var/lib
   * @param tailnet what the configuration calls theirs; null for its only one
   * @throws EditException when there is no such folder
   */
  public NodeStates(Path folder, BridgeConfig config, @Nullable String tailnet)
      throws EditException {
    this.folder = folder;
    this.config = config;
    this.tailnet =
        tailnet == null && config.tailnets().size() == 1
            ? config.tailnets().keySet().iterator().next()
            : tailnet;
    if (!Files.isDirectory(folder)) {
      throw new EditException(
          folder + " is no folder; esp32-tailbridge has its states in /var/lib");
    }
  }

  /** What became of each, a line each. */
  public List<String> notes() {
    return notes;
  }

  /** The host name of the machine that a device of that address was; empty when none is known. */
  public String hostname(String address) {
    return file(address).flatMap(TailscaledState::read).map(TailscaledState::hostname).orElse("");
  }

  /** Gives a device its machine, before the configuration has the device. */
  public void bring(NewDevice device) {
    String name = device.name();
    Optional<Path> file = file(Objects.requireNonNull(device.address()));
    if (file.isEmpty()) {
      notes.add(name + " becomes a new machine: " + folder + " has no state of its node");
      return;
    }
    Optional<TailscaledState> state = TailscaledState.read(file.get());
    TailnetSection section = tailnet == null ? null : config.tailnets().get(tailnet);
    if (state.isEmpty()) {
      notes.add(
          name
              + " becomes a new machine: "
              + file.get()
              + " cannot be used; it was never logged in, or is sealed to the TPM of its machine");
    } else if (section == null || !state.get().isOf(section.controlUrl())) {
      notes.add(name + " becomes a new machine: its own is one of another control server");
    } else {
      try {
        NodeIdentity node = new NodeIdentity(device.publicKey(), section.name(), name);
        NodeDirectories.bring(config.bridge().stateDir(), section.name(), name, state.get().text());
        brought.add(node);
        notes.add(
            name + " stays the machine that it is: stop its tailscaled before the bridge starts");
      } catch (StateException e) {
        notes.add(name + " becomes a new machine: " + e.getMessage());
      }
    }
  }

  /** Erases what was brought; the states in the folder were never touched. */
  public void takeBack() {
    for (NodeIdentity node : brought) {
      try {
        NodeDirectories.erase(config.bridge().stateDir(), node);
      } catch (StateException e) {
        notes.add(String.valueOf(e.getMessage()));
      }
    }
  }

  private Optional<Path> file(String address) {
    int number = Integer.parseInt(address.substring(address.lastIndexOf('.') + 1)) - 1;
    return FILES.stream()
        .map(name -> folder.resolve("tailscale-esp" + number).resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
