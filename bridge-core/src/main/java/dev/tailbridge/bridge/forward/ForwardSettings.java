package dev.tailbridge.bridge.forward;

import dev.tailbridge.ip.Ipv4Prefix;
import java.net.Inet4Address;

/**
 * What a {@link DeviceForwarder} must know about its device.
 *
 * @param device the device's tunnel address
 * @param bridge the bridge's own tunnel address
 * @param network the tunnel network: all its addresses but the bridge's are other devices'
 * @param source what the device sees as its callers' address
 * @param deviceMtu bytes of the largest packet that the device's link carries
 * @param tailnetMtu bytes of the largest packet that the node carries
 * @param limits bounds of the tables
 * @param ports what callers reach
 */
public record ForwardSettings(
    Inet4Address device,
    Inet4Address bridge,
    Ipv4Prefix network,
    Source source,
    int deviceMtu,
    int tailnetMtu,
    ForwardLimits limits,
    PortPolicy ports) {

  /** Tunnel MTU of the ESP32's WireGuard clients, where it is fixed. */
  public static final int DEVICE_MTU = 1420;

  /** MTU of every tailnet. */
  public static final int TAILNET_MTU = 1280;

  /** Settings with the usual MTUs and limits, and all ports. */
  public static ForwardSettings of(
      Inet4Address device, Inet4Address bridge, Ipv4Prefix network, Source source) {
    return new ForwardSettings(
        device,
        bridge,
        network,
        source,
        DEVICE_MTU,
        TAILNET_MTU,
        ForwardLimits.DEFAULT,
        PortPolicy.OPEN);
  }

  /** The same, with these ports. */
  public ForwardSettings withPorts(PortPolicy newPorts) {
    return new ForwardSettings(
        device, bridge, network, source, deviceMtu, tailnetMtu, limits, newPorts);
  }

  /** The caller's address as the device sees it. */
  public enum Source {
    /** The bridge's tunnel address, which every device can answer. */
    GATEWAY,
    /** The caller's own; the device needs a route for it into the tunnel. */
    CLIENT
  }
}
