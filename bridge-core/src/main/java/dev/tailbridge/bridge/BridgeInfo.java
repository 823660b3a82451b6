package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.BridgeView;
import dev.tailbridge.bridge.admin.DeviceView;
import dev.tailbridge.bridge.admin.UnknownKeyView;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.service.HostClock;
import dev.tailbridge.wireguard.DropReason;
import dev.tailbridge.wireguard.PublicKey;
import dev.tailbridge.wireguard.WireGuardEndpoint;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Draws the picture of a bridge that the API shows. */
final class BridgeInfo {

  private final BridgeConfig config;
  private final PublicKey publicKey;
  private final WireGuardEndpoint endpoint;
  private final List<InetSocketAddress> listen;
  private final EndpointWatcher watcher;
  private final String crypto;
  private final HostClock clock;
  private final GatewayInfo gateways;
  private final Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  /**
   * @param endpoint bound
   */
  BridgeInfo(
      BridgeConfig config,
      PublicKey publicKey,
      WireGuardEndpoint endpoint,
      EndpointWatcher watcher,
      String crypto,
      HostClock clock,
      GatewayInfo gateways) {
    this.gateways = gateways;
    this.config = config;
    this.publicKey = publicKey;
    this.endpoint = endpoint;
    this.listen = endpoint.localAddresses();
    this.watcher = watcher;
    this.crypto = crypto;
    this.clock = clock;
  }

  static String version() {
    String version = BridgeInfo.class.getPackage().getImplementationVersion();
    return version == null ? "(built without a version)" : version;
  }

  PublicKey publicKey() {
    return publicKey;
  }

  List<String> listen() {
    return listen.stream().map(BridgeInfo::text).toList();
  }

  /** The picture now; waits for the devices' event loops. */
  BridgeView view(Fleet fleet) {
    Instant now = Instant.now();
    List<DeviceView> devices =
        fleet.ask((section, device) -> DeviceInfo.view(section, device, now));
    return new BridgeView(
        version(),
        ProcessHandle.current().pid(),
        startedAt.toString(),
        Duration.between(startedAt, now).toSeconds(),
        publicKey.toBase64(),
        listen(),
        config.bridge().endpoint() == null ? null : config.bridge().endpoint().toString(),
        config.bridge().stateDir().toString(),
        crypto,
        fleet.tailnets().version(),
        endpoint.eventLoops().size(),
        fleet.loops(),
        watcher.underLoad(),
        clock.problem(),
        drops(),
        fleet.tailnets().process(),
        watcher.unknownKeys().stream().map(BridgeInfo::view).toList(),
        devices,
        gateways.servers(),
        gateways.rules());
  }

  private Map<String, Long> drops() {
    Map<String, Long> drops = new TreeMap<>();
    for (DropReason reason : DropReason.values()) {
      long count = endpoint.dropped(reason);
      if (count > 0) {
        drops.put(word(reason), count);
      }
    }
    return drops;
  }

  private static UnknownKeyView view(UnknownKeys.Seen seen) {
    return new UnknownKeyView(
        seen.key().toBase64(), text(seen.source()), seen.times(), time(seen.lastEpochMillis()));
  }

  static String word(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  static String time(long epochMillis) {
    return Instant.ofEpochMilli(epochMillis).toString();
  }

  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
