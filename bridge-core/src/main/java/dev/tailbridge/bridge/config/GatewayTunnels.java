package dev.tailbridge.bridge.config;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Through which tunnel a gateway rule reaches what it names. */
final class GatewayTunnels {
  private static final String EVERYBODY = "*";

  private final Map<String, DeviceSection> devices = new LinkedHashMap<>();
  private final boolean complete;

  /**
   * @param complete whether these are all devices of the file; else some had problems of their own,
   *     and a name that is not among them is not reported too
   */
  GatewayTunnels(List<DeviceSection> devices, boolean complete) {
    devices.forEach(device -> this.devices.put(device.name(), device));
    this.complete = complete;
  }

  /** A target, and the names of the tunnels that lead to it or may use it. */
  record Way(HostAndPort target, List<String> tunnels) {}

  /** The way to {@code DEVICE:PORT} or {@code ADDRESS:PORT} inside a tunnel. */
  Way inside(String text) throws BadValueException {
    HostAndPort written = Addresses.hostAndPort(text);
    DeviceSection named = devices.get(written.host());
    if (named != null) {
      return way(named, named.address(), written.port());
    }
    if (Addresses.isLiteral(written.host())) {
      InetAddress address = Addresses.address(written.host());
      for (DeviceSection device : devices.values()) {
        if (device.address().equals(address)) {
          return way(device, address, written.port());
        }
      }
    }
    throw new BadValueException(
        Quote.of(written.host())
            + " is neither the name nor the tunnel address of a [[device]]"
            + NearestName.hint(
                written.host(), devices.keySet(), "; add the device, or write another"));
  }

  private static Way way(DeviceSection device, InetAddress address, int port)
      throws BadValueException {
    refuseRouted(device);
    return new Way(new HostAndPort(address.getHostAddress(), port), List.of(device.name()));
  }

  /** A name of {@code from}. */
  String user(String name) throws BadValueException {
    DeviceSection device = devices.get(name);
    if (device != null) {
      refuseRouted(device);
    } else if (!name.equals(EVERYBODY) && complete) {
      throw new BadValueException(
          "there is no [[device]] "
              + Quote.of(name)
              + NearestName.hint(name, devices.keySet(), "; add it, or write another"));
    }
    return name;
  }

  /** The devices that {@code from} means. */
  List<String> users(List<String> from) {
    if (!from.contains(EVERYBODY)) {
      return from.stream().distinct().toList();
    }
    List<String> all = new ArrayList<>();
    for (DeviceSection device : devices.values()) {
      if (device.tcp() == DeviceSection.Tcp.SPLICE) {
        all.add(device.name());
      }
    }
    return all;
  }

  private static void refuseRouted(DeviceSection device) throws BadValueException {
    if (device.tcp() == DeviceSection.Tcp.ROUTED) {
      throw new BadValueException(
          "the TCP of a gateway rule ends in the bridge, which that of "
              + Quote.of(device.name())
              + " does not; remove its tcp = \"routed\", or name another device");
    }
  }
}
