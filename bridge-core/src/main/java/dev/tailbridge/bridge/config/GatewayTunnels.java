package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.GatewaySection.Protocol;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Through which tunnel a gateway rule reaches what it names. */
final class GatewayTunnels {
  private static final String EVERYBODY = "*";

  private final Map<String, DeviceSection> devices = new LinkedHashMap<>();
  private final Map<String, UplinkSection> uplinks = new LinkedHashMap<>();
  private final boolean complete;

  /**
   * @param complete whether these are all devices of the file; else some had problems of their own,
   *     and a name that is not among them is not reported too
   */
  GatewayTunnels(List<DeviceSection> devices, List<UplinkSection> uplinks, boolean complete) {
    devices.forEach(device -> this.devices.put(device.name(), device));
    uplinks.forEach(uplink -> this.uplinks.put(uplink.name(), uplink));
    this.complete = complete;
  }

  /** A target, and the names of the tunnels that lead to it or may use it. */
  record Way(HostAndPort target, List<String> tunnels) {}

  /** The way to {@code DEVICE:PORT} or {@code ADDRESS:PORT} inside a tunnel. */
  Way inside(String text, Protocol protocol) throws BadValueException {
    HostAndPort written = Addresses.hostAndPort(text);
    DeviceSection named = devices.get(written.host());
    if (named != null) {
      return way(named, named.address(), written.port(), protocol);
    }
    if (uplinks.containsKey(written.host())) {
      throw new BadValueException(
          Quote.of(written.host())
              + " is a server that the bridge dials; write the address of a machine behind it");
    }
    if (Addresses.isLiteral(written.host())) {
      return way(Addresses.address(written.host()), written.port(), protocol);
    }
    throw new BadValueException(
        Quote.of(written.host())
            + " is not the name of a [[device]]"
            + NearestName.hint(
                written.host(), devices.keySet(), "; add the device, or write an IP address"));
  }

  private Way way(InetAddress address, int port, Protocol protocol) throws BadValueException {
    for (DeviceSection device : devices.values()) {
      if (device.address().equals(address)) {
        return way(device, address, port, protocol);
      }
    }
    UplinkSection behind = null;
    int longest = -1;
    for (UplinkSection uplink : uplinks.values()) {
      for (IpPrefix prefix : uplink.allowedIps()) {
        if (prefix.contains(address) && prefix.length() > longest) {
          longest = prefix.length();
          behind = uplink;
        }
      }
    }
    String shown = Quote.of(address.getHostAddress());
    if (behind == null) {
      throw new BadValueException(
          shown
              + " is not the address of a [[device]], nor in the allowed_ips of one with an endpoint;"
              + " write another, or add it there");
    }
    if (!behind.canCall(address)) {
      throw new BadValueException(
          "no address in local_addresses of "
              + Quote.of(behind.name())
              + " can call "
              + shown
              + "; add one of the same family");
    }
    return new Way(new HostAndPort(address.getHostAddress(), port), List.of(behind.name()));
  }

  private static Way way(DeviceSection device, InetAddress address, int port, Protocol protocol)
      throws BadValueException {
    if (protocol == Protocol.TCP && device.tcp() == DeviceSection.Tcp.ROUTED) {
      throw new BadValueException(
          "the bridge calls only devices whose TCP ends in it, which that of "
              + Quote.of(device.name())
              + " does not; remove its tcp = \"routed\", or name another device");
    }
    return new Way(new HostAndPort(address.getHostAddress(), port), List.of(device.name()));
  }

  /** A name of {@code from}. */
  String user(String name) throws BadValueException {
    boolean there = devices.containsKey(name) || uplinks.containsKey(name);
    if (!there && !name.equals(EVERYBODY) && complete) {
      Set<String> known = new LinkedHashSet<>(devices.keySet());
      known.addAll(uplinks.keySet());
      throw new BadValueException(
          "there is no [[device]] "
              + Quote.of(name)
              + NearestName.hint(name, known, "; add it, or write another"));
    }
    return name;
  }

  /** The devices that {@code from} means. */
  List<String> users(List<String> from) {
    if (!from.contains(EVERYBODY)) {
      return from.stream().distinct().toList();
    }
    List<String> all = new ArrayList<>(uplinks.keySet());
    all.addAll(devices.keySet());
    return all;
  }

  /** Those of the tunnels that are devices'. */
  List<DeviceSection> devices(List<String> tunnels) {
    return tunnels.stream().map(devices::get).filter(Objects::nonNull).toList();
  }
}
