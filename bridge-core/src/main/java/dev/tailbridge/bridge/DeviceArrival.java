package dev.tailbridge.bridge;

import dev.tailbridge.bridge.DeviceBundle.Moved;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.ConfigException;
import dev.tailbridge.bridge.config.DeviceEditor;
import dev.tailbridge.bridge.config.DnsLabel;
import dev.tailbridge.bridge.config.EditException;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.bridge.config.TomlText;
import dev.tailbridge.bridge.state.AtomicFile;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.wireguard.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Devices that come from another bridge: all of them or none. Their tailnet nodes and secrets are
 * laid ready before the configuration names them, so that a bridge that runs finds all.
 */
public final class DeviceArrival {
  private final BridgeConfig config;
  private final @Nullable String tailnet;
  private final List<Path> laid = new ArrayList<>();

  /**
   * @param config what the file says now
   * @param tailnet theirs here; null for that of the same name, or the only one
   */
  public DeviceArrival(BridgeConfig config, @Nullable String tailnet) {
    this.config = config;
    this.tailnet = tailnet;
  }

  /**
   * Takes them in.
   *
   * @throws EditException when one cannot be taken; nothing happened then
   */
  public void take(DeviceBundle bundle, ConfigFile file)
      throws EditException, ConfigException, BridgeException {
    try {
      for (Moved moved : bundle.devices()) {
        DnsLabel.require(moved.name()); // before it becomes the name of a file
        privateKey(moved);
        layReady(moved);
      }
      file.change(
          (editor, current) -> {
            DeviceEditor with = editor;
            for (Moved moved : bundle.devices()) {
              with = add(with, moved);
            }
            return with;
          });
      laid.clear();
      for (Moved moved : bundle.devices()) {
        PrivateKey key = privateKey(moved);
        if (key != null) {
          new DeviceKeys(config.bridge().stateDir()).store(moved.name(), key);
        }
      }
    } catch (StateException e) {
      throw new BridgeException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new EditException("the devices cannot be laid ready: " + e.getMessage(), e);
    } finally {
      laid.forEach(DeviceArrival::discard);
    }
  }

  private static @Nullable PrivateKey privateKey(Moved moved) throws EditException {
    try {
      return moved.privateKey() == null ? null : PrivateKey.fromBase64(moved.privateKey());
    } catch (IllegalArgumentException e) {
      throw new EditException("the private key of " + moved.name() + " is none", e);
    }
  }

  private void layReady(Moved moved) throws EditException, StateException, IOException {
    if (moved.presharedKey() != null) {
      Path secret = secret(moved);
      if (Files.exists(secret)) {
        throw new EditException(secret + " exists already; move it away when no device needs it");
      }
      AtomicFile.write(secret, moved.presharedKey() + "\n");
      laid.add(secret);
    }
    if (moved.node() != null) {
      String here = home(moved);
      requireSameControl(moved, here);
      Path state =
          NodeDirectories.bring(config.bridge().stateDir(), here, moved.name(), moved.node());
      laid.add(state);
      laid.add(Objects.requireNonNull(state.getParent()));
    }
  }

  private DeviceEditor add(DeviceEditor editor, Moved moved) throws EditException {
    DeviceEditor with = editor.addBlock(moved.block());
    with = with.set(moved.name(), "tailnet", TomlText.of(home(moved)));
    return moved.presharedKey() == null
        ? with
        : with.set(
            moved.name(),
            "preshared_key_file",
            TomlText.of(String.valueOf(secret(moved).getFileName())));
  }

  private static void discard(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Nothing names it; what went wrong before matters more.
    }
  }

  private Path secret(Moved moved) {
    return config.file().toAbsolutePath().resolveSibling(moved.name() + ".psk");
  }

  private String home(Moved moved) throws EditException {
    if (moved.tailnet() == null) {
      return "none";
    }
    String wanted = tailnet == null ? moved.tailnet() : tailnet;
    if (config.tailnets().containsKey(wanted)) {
      return wanted;
    }
    if (tailnet == null && config.tailnets().size() == 1) {
      return config.tailnets().keySet().iterator().next();
    }
    throw new EditException(
        config.file()
            + " has no [tailnet."
            + wanted
            + "], where "
            + moved.name()
            + " was; add it, or name another with --tailnet");
  }

  /** A machine is one of its control server and unknown to any other. */
  private void requireSameControl(Moved moved, String here) throws EditException {
    TailnetSection section = Objects.requireNonNull(config.tailnets().get(here));
    String ours = section.controlUrl() == null ? null : section.controlUrl().toString();
    if (!Objects.equals(ours, moved.controlUrl())) {
      throw new EditException(
          moved.name()
              + " is a machine of "
              + (moved.controlUrl() == null ? "Tailscale" : moved.controlUrl())
              + ", and [tailnet."
              + here
              + "] is another control server; name its own with --tailnet");
    }
  }
}
