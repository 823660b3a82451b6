package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.state.NodeDirectories;
import dev.tailbridge.bridge.state.StateDirectory;
import dev.tailbridge.bridge.state.StateException;
import dev.tailbridge.bridge.state.StateStore;
import dev.tailbridge.tailnet.library.TailnetLibraryException;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a running bridge do what another configuration says. Devices whose block is the same are not
 * touched: their sessions, nodes and connections go on. One whose block changed ends and begins
 * anew, with its node's identity and at the address where it was heard last.
 *
 * <p>One reload at a time; not for event loops, since it waits for nodes to end and for the disk.
 */
final class Reload {

  private static final Logger LOG = LoggerFactory.getLogger("bridge");

  private final StateDirectory directory;
  private final StateStore store;
  private final WireGuardEndpoint endpoint;
  private final Fleet fleet;
  private final Uplinks uplinks;
  private final Gateways gateways;
  private final PublicKey own;
  private volatile BridgeConfig inForce;

  /**
   * @param own the bridge's key, which no device can have
   * @param inForce what the bridge was started with
   */
  Reload(
      StateDirectory directory,
      StateStore store,
      WireGuardEndpoint endpoint,
      Fleet fleet,
      Uplinks uplinks,
      Gateways gateways,
      PublicKey own,
      BridgeConfig inForce) {
    this.directory = directory;
    this.store = store;
    this.endpoint = endpoint;
    this.fleet = fleet;
    this.uplinks = uplinks;
    this.gateways = gateways;
    this.own = own;
    this.inForce = inForce;
  }

  /** What the bridge does now. Any thread. */
  BridgeConfig inForce() {
    return inForce;
  }

  /**
   * @throws BridgeException when it cannot be done; what was not reached is as before
   */
  synchronized void to(BridgeConfig next) throws BridgeException {
    Bridge.refuseOwnKey(next, own);
    ConfigDiff diff = ConfigDiff.of(inForce, next);
    if (!diff.needRestart().isEmpty()) {
      LOG.warn(
          "{}: the changes of {} need a restart of the bridge; until then it does what they said"
              + " before",
          next.file(),
          String.join(", ", diff.needRestart()));
    }
    uplinks.retain(diff.target().uplinks());
    if (diff.concernsDevices()) {
      try {
        carryOut(diff);
      } catch (StateException | IOException | TailnetLibraryException e) {
        throw new BridgeException(String.valueOf(e.getMessage()), e);
      }
    }
    uplinks.change(diff.target().uplinks());
    gateways.change(diff.target().gateways());
    inForce = diff.target();
    LOG.info(
        "{} was loaded again: {}",
        next.file(),
        diff.concernsDevices() ? summary(diff) : "no device changed");
  }

  private void carryOut(ConfigDiff diff)
      throws StateException, IOException, TailnetLibraryException, BridgeException {
    BridgeConfig target = diff.target();
    List<DeviceSection> ending = new ArrayList<>(diff.removed());
    ending.addAll(diff.changed());
    // First, so that no two nodes have one directory, and no two peers one address.
    Map<PublicKey, InetSocketAddress> heard = new HashMap<>(store.current().endpoints());
    heard.putAll(
        fleet.dismiss(
            endpoint, ending.stream().map(DeviceSection::publicKey).collect(Collectors.toSet())));
    // From here on a failure leaves them ended, and the next try begins them again.
    inForce = without(ending);
    NodeDirectories.Resolved nodes =
        NodeDirectories.resolve(directory, store, Bridge.identities(target));
    nodes.notes().forEach(LOG::info);
    if (target.devices().size() > inForce.devices().size() + ending.size()) {
      Bridge.warn(DescriptorLimit.problem(nodes.directories().size()));
    }
    if (Stream.concat(diff.added().stream(), diff.changed().stream())
        .anyMatch(device -> device.tailnet() != null)) {
      fleet.openTailnets(target);
    }
    List<DeviceSection> beginning = new ArrayList<>(diff.changed());
    beginning.addAll(diff.added());
    fleet.admit(endpoint, target, beginning, nodes.directories(), heard);
    inForce = target;
  }

  private BridgeConfig without(List<DeviceSection> ended) {
    return new BridgeConfig(
        inForce.file(),
        inForce.bridge(),
        inForce.admin(),
        inForce.tailnets(),
        inForce.devices().stream().filter(device -> !ended.contains(device)).toList(),
        inForce.uplinks(),
        inForce.gateways());
  }

  private static String summary(ConfigDiff diff) {
    return Stream.of(
            part("added ", diff.added()),
            part("changed ", diff.changed()),
            part("removed ", diff.removed()))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }

  private static String part(String what, List<DeviceSection> devices) {
    return devices.isEmpty()
        ? ""
        : what + devices.stream().map(DeviceSection::name).collect(Collectors.joining(", "));
  }
}
