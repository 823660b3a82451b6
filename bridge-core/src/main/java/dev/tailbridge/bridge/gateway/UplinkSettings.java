package dev.tailbridge.bridge.gateway;

import dev.tailbridge.netstack.StackConfig;
import java.net.InetAddress;
import java.util.List;

/**
 * What an {@link Uplink} must know.
 *
 * @param host of the server: a name or an address
 * @param port of the server
 * @param localAddresses ours in the server's network
 * @param mtu bytes of the largest packet in the tunnel
 * @param stack how TCP in the tunnel behaves
 */
public record UplinkSettings(
    String name,
    String host,
    int port,
    List<InetAddress> localAddresses,
    int mtu,
    StackConfig stack) {

  public UplinkSettings {
    localAddresses = List.copyOf(localAddresses);
  }
}
