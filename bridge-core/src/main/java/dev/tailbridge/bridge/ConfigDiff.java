package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.wireguard.PublicKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is to be done so that a bridge which runs with one configuration runs with another.
 *
 * <p>A device is its public key. What a running bridge cannot change is kept as it is in {@link
 * #target}, so that the next difference is found again.
 *
 * @param added devices with a key that was not there
 * @param changed devices whose block now says something else, as it says it now
 * @param removed devices whose key is gone, as their block was
 * @param needRestart sections with changes that only a restart brings, as they are written
 * @param target the configuration that is in force once all of that is done
 */
record ConfigDiff(
    List<DeviceSection> added,
    List<DeviceSection> changed,
    List<DeviceSection> removed,
    List<String> needRestart,
    BridgeConfig target) {

  static ConfigDiff of(BridgeConfig inForce, BridgeConfig next) {
    List<String> needRestart = new ArrayList<>();
    if (!inForce.bridge().equals(next.bridge())) {
      needRestart.add("[bridge]");
    }
    if (!inForce.admin().equals(next.admin())) {
      needRestart.add("[admin]");
    }
    Map<String, TailnetSection> tailnets = new LinkedHashMap<>(next.tailnets());
    for (TailnetSection old : inForce.tailnets().values()) {
      TailnetSection now = tailnets.get(old.name());
      if (now != null && !now.equals(old)) {
        needRestart.add("[tailnet." + old.name() + "]");
        tailnets.put(old.name(), old);
      }
    }
    // In another network the devices' addresses mean nothing to the bridge that runs.
    boolean sameNetwork = inForce.bridge().network().equals(next.bridge().network());
    List<DeviceSection> devices = sameNetwork ? next.devices() : inForce.devices();
    BridgeConfig target =
        new BridgeConfig(
            inForce.file(),
            inForce.bridge(),
            inForce.admin(),
            sameNetwork ? tailnets : inForce.tailnets(),
            devices,
            sameNetwork ? next.uplinks() : inForce.uplinks(),
            sameNetwork ? next.gateways() : inForce.gateways());
    Map<PublicKey, DeviceSection> before = new LinkedHashMap<>();
    inForce.devices().forEach(device -> before.put(device.publicKey(), device));
    List<DeviceSection> added = new ArrayList<>();
    List<DeviceSection> changed = new ArrayList<>();
    for (DeviceSection device : devices) {
      DeviceSection old = before.remove(device.publicKey());
      if (old == null) {
        added.add(device);
      } else if (!old.equals(device)) {
        changed.add(device);
      }
    }
    return new ConfigDiff(
        List.copyOf(added),
        List.copyOf(changed),
        List.copyOf(before.values()),
        List.copyOf(needRestart),
        target);
  }

  /** Whether devices come, go or change. */
  boolean concernsDevices() {
    return !added.isEmpty() || !changed.isEmpty() || !removed.isEmpty();
  }
}
