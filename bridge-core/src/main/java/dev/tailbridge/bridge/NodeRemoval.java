package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.NodeRemover;
import dev.tailbridge.bridge.admin.RemovalView;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.bridge.device.Farewell;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.NodeIdentity;
import dev.tailbridge.bridge.state.StateDirectory;
import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.bridge.state.StateStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the node of a device out of its tailnet for good: logs it out, deletes the machine at the
 * control server where an {@code api_key} allows it, erases its identity, and says what is left to
 * do by hand.
 *
 * <p>The device stays a WireGuard peer; while its block is in the configuration, the next start of
 * the bridge makes it a new machine. May be asked again while the bridge runs, say after the
 * control server was away. Thread-safe; blocks for as long as {@link #LEAVE_SECONDS} and the
 * control server's API take, so it is not for event loops.
 */
public final class NodeRemoval implements NodeRemover {

  private static final Logger LOG = LoggerFactory.getLogger("bridge");
  private static final long LEAVE_SECONDS = 45;

  private final Supplier<BridgeConfig> config;
  private final Fleet fleet;
  private final StateDirectory directory;
  private final StateStore store;

  /**
   * @param config what is in force when a node is to leave
   */
  NodeRemoval(
      Supplier<BridgeConfig> config, Fleet fleet, StateDirectory directory, StateStore store) {
    this.config = config;
    this.fleet = fleet;
    this.directory = directory;
    this.store = store;
  }

  @Override
  public Optional<RemovalView> remove(String name) {
    return fleet.find(name).filter(section -> section.tailnet() != null).map(this::remove);
  }

  private RemovalView remove(DeviceSection device) {
    TailnetSection tailnet = Objects.requireNonNull(config.get().tailnets().get(device.tailnet()));
    List<String> left = new ArrayList<>();
    Farewell farewell;
    try {
      farewell = leave(device.name());
    } catch (IOException e) {
      left.add("its node does not let itself be ended (" + e.getMessage() + "); ask again");
      return new RemovalView(device.name(), null, false, false, left);
    }
    boolean deleted = delete(device, tailnet, farewell, left);
    erase(device, tailnet, left);
    LOG.info(
        "the node of {} left its tailnet{}{}",
        device.name(),
        farewell.loggedOut() ? "" : " without a logout: " + farewell.problem(),
        left.isEmpty() ? "" : "; left to do: " + String.join("; ", left));
    return new RemovalView(
        device.name(),
        farewell.machine().isEmpty() ? null : farewell.machine(),
        farewell.loggedOut(),
        deleted,
        left);
  }

  private Farewell leave(String name) throws IOException {
    try {
      return fleet.leaveTailnet(name).get(LEAVE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (TimeoutException e) {
      throw new IOException("no answer in " + LEAVE_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    }
  }

  /** Whether the control server no longer lists the machine. */
  private boolean delete(
      DeviceSection device, TailnetSection tailnet, Farewell farewell, List<String> left) {
    if (farewell.nodeId().isEmpty()) {
      if (NodeDirectories.enrolled(directory, identity(device, tailnet))) {
        left.add(
            "its node was not in the tailnet since the bridge started, but before: delete the"
                + " machine "
                + device.hostname()
                + " at the control server");
      }
      return false;
    }
    if (device.ephemeral() && farewell.loggedOut()) {
      return true; // With its logout it vanished.
    }
    ControlApi api = ControlApi.of(tailnet);
    if (api == null) {
      left.add(byHand(tailnet, farewell));
      return false;
    }
    try {
      api.delete(farewell.nodeId());
      return true;
    } catch (IOException e) {
      left.add(byHand(tailnet, farewell) + ": " + e.getMessage());
      return false;
    }
  }

  private static String byHand(TailnetSection tailnet, Farewell farewell) {
    return "delete the machine "
        + farewell.machine()
        + (tailnet.controlUrl() == null
            ? " at https://login.tailscale.com/admin/machines"
            : " at the control server (headscale nodes delete -i " + farewell.nodeId() + ")")
        + (tailnet.apiKey() == null
            ? " (with an api_key in [tailnet." + tailnet.name() + "] the bridge does that)"
            : "");
  }

  private void erase(DeviceSection device, TailnetSection tailnet, List<String> left) {
    try {
      NodeDirectories.forget(directory, store, identity(device, tailnet));
    } catch (StateException e) {
      left.add("remove its old identity from the disk: " + e.getMessage());
    }
  }

  private static NodeIdentity identity(DeviceSection device, TailnetSection tailnet) {
    return new NodeIdentity(device.publicKey(), tailnet.name(), device.name());
  }
}
