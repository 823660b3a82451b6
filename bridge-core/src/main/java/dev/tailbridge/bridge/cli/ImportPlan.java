package dev.tailbridge.bridge.cli;

import dev.tailbridge.bridge.NewDevice;
import dev.tailbridge.bridge.cli.format.WgServerConf;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.TunnelNetwork;
import dev.tailbridge.wireguard.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Which peers of a WireGuard server become devices, and why the others do not. */
final class ImportPlan {
  private final TunnelNetwork network;
  private final Map<String, String> more;
  private final UnaryOperator<String> hostnames;
  private final Set<String> names = new HashSet<>();
  private final Set<String> addresses = new HashSet<>();
  private final Set<PublicKey> keys = new HashSet<>();
  private final List<NewDevice> devices = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();

  /**
   * @param more further keys of every block, with their values as TOML writes them
   * @param hostnames the name for an address whose peer has none; empty when it is not known
   */
  ImportPlan(
      BridgeConfig config,
      WgServerConf conf,
      Map<String, String> more,
      UnaryOperator<String> hostnames) {
    this.hostnames = hostnames;
    this.network = config.bridge().network();
    this.more = more;
    for (DeviceSection device : config.devices()) {
      names.add(device.name());
      addresses.add(device.address().getHostAddress());
      keys.add(device.publicKey());
    }
    conf.peers().forEach(this::plan);
  }

  /** In the order of the file. */
  List<NewDevice> devices() {
    return devices;
  }

  /** Peers that become no device, a line each with the reason. */
  List<String> skipped() {
    return skipped;
  }

  private void plan(WgServerConf.Peer peer) {
    String who =
        "the [Peer] in line " + peer.line() + (peer.name().isEmpty() ? "" : ", " + peer.name());
    PublicKey key = peer.publicKey();
    String address = address(peer);
    if (key == null) {
      skipped.add(who + ": it has no PublicKey");
    } else if (peer.endpoint() != null) {
      skipped.add(who + ": it has an Endpoint, so it does not dial in");
    } else if (!keys.add(key)) {
      skipped.add(who + ": its key is that of a device that is there");
    } else if (address == null) {
      skipped.add(who + ": none of its AllowedIPs is one address of " + network);
    } else if (!addresses.add(address)) {
      skipped.add(who + ": " + address + " is taken by another device");
    } else {
      devices.add(new NewDevice(free(peer, address), key, peer.presharedKey(), address, more));
    }
  }

  private @Nullable String address(WgServerConf.Peer peer) {
    for (String allowed : peer.allowedIps()) {
      String host = allowed.endsWith("/32") ? allowed.substring(0, allowed.length() - 3) : allowed;
      if (network.hasDevice(host)) {
        return host;
      }
    }
    return null;
  }

  /** Its name, with a number when another has it; one made of its address when it has none. */
  private String free(WgServerConf.Peer peer, String address) {
    String known = peer.name().isEmpty() ? hostnames.apply(address) : peer.name();
    String name = known.isEmpty() ? "device-" + address.replace('.', '-') : known;
    String cut = name.length() > 58 ? name.substring(0, 58) : name;
    String candidate = name;
    for (int number = 2; !names.add(candidate); number++) {
      candidate = cut + "-" + number;
    }
    return candidate;
  }
}
