package dev.tailbridge.bridge;

import dev.tailbridge.bridge.config.DevicePorts;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.DeviceSection.StaleClock;
import dev.tailbridge.bridge.config.PortRange;
import dev.tailbridge.bridge.config.TailnetSection;
import dev.tailbridge.bridge.config.TunnelNetwork;
import dev.tailbridge.bridge.forward.ForwardSettings;
import dev.tailbridge.bridge.forward.PortPolicy;
import dev.tailbridge.bridge.forward.PortPolicy.PortMap;
import dev.tailbridge.ip.Ipv4Prefix;
import dev.tailbridge.tailnet.Credential;
import dev.tailbridge.tailnet.NodeConfig;
import dev.tailbridge.wireguard.PeerConfig;
import dev.tailbridge.wireguard.StaleInitiations;
import dev.tailbridge.wireguard.routing.IpPrefix;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From a device's block of the file to what each of its parts is made of. */
final class Devices {

  private Devices() {}

  static PeerConfig peer(DeviceSection device, @Nullable InetSocketAddress lastEndpoint) {
    return PeerConfig.of(
            device.name(), device.publicKey(), List.of(IpPrefix.of(device.address(), 32)))
        .withPresharedKey(device.presharedKey())
        .withPersistentKeepalive(device.keepalive())
        .withStaleInitiations(staleInitiations(device.staleClock()))
        .withEndpoint(lastEndpoint);
  }

  private static StaleInitiations staleInitiations(StaleClock choice) {
    return switch (choice) {
      case REVERSE -> StaleInitiations.REVERSE;
      case TENTATIVE -> StaleInitiations.TENTATIVE;
      case DROP -> StaleInitiations.DROP;
    };
  }

  static ForwardSettings forwarding(DeviceSection device, TunnelNetwork network) {
    return ForwardSettings.of(
            device.address(),
            network.bridgeAddress(),
            Ipv4Prefix.around(network.base(), network.prefixLength()),
            switch (device.source()) {
              case GATEWAY -> ForwardSettings.Source.GATEWAY;
              case CLIENT -> ForwardSettings.Source.CLIENT;
            })
        .withPorts(ports(device));
  }

  static PortPolicy ports(DeviceSection device) {
    DevicePorts ports = device.ports();
    return new PortPolicy(ports(ports.tcp()), ports(ports.udp()), ports.ping());
  }

  private static PortMap ports(@Nullable List<PortRange> ranges) {
    return ranges == null
        ? PortMap.all()
        : PortMap.of(
            ranges.stream()
                .map(range -> new PortPolicy.Range(range.first(), range.last(), range.devicePort()))
                .toList());
  }

  static NodeConfig node(DeviceSection device, TailnetSection tailnet, Path directory) {
    return new NodeConfig(
        device.name(),
        directory,
        device.hostname(),
        tailnet.controlUrl() == null ? null : tailnet.controlUrl().toString(),
        credential(device, tailnet),
        tailnet.tags(),
        device.ephemeral());
  }

  /** The device's own key comes before its tailnet's. */
  private static Credential credential(DeviceSection device, TailnetSection tailnet) {
    if (device.authKey() != null) {
      return new Credential.AuthKey(device.authKey().reveal());
    }
    if (tailnet.authKey() != null) {
      return new Credential.AuthKey(tailnet.authKey().reveal());
    }
    if (tailnet.oauthClientSecret() != null) {
      return new Credential.ClientSecret(tailnet.oauthClientSecret().reveal());
    }
    return Credential.none();
  }
}
