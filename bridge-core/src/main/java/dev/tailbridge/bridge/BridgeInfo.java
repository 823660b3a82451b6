package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.BridgeView;
import dev.tailbridge.bridge.admin.DeviceView;
import dev.tailbridge.bridge.config.BridgeConfig;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.device.DeviceState;
import dev.tailbridge.tailnet.NodeStatus;
import dev.tailbridge.wireguard.PeerStatus;
import dev.tailbridge.wireguard.PublicKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Draws the picture of a bridge that the API shows. */
final class BridgeInfo {

  private final BridgeConfig config;
  private final String publicKey;
  private final List<InetSocketAddress> listen;
  private final String crypto;
  private final @Nullable String library;
  private final Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  BridgeInfo(
      BridgeConfig config,
      PublicKey publicKey,
      List<InetSocketAddress> listen,
      String crypto,
      @Nullable String library) {
    this.config = config;
    this.publicKey = publicKey.toBase64();
    this.listen = listen;
    this.crypto = crypto;
    this.library = library;
  }

  static String version() {
    String version = BridgeInfo.class.getPackage().getImplementationVersion();
    return version == null ? "(built without a version)" : version;
  }

  String publicKey() {
    return publicKey;
  }

  List<String> listen() {
    return listen.stream().map(BridgeInfo::text).toList();
  }

  /**
   * The picture now; call it on the devices' event loop.
   *
   * @param devices in the order of the file
   */
  BridgeView view(List<Device> devices) {
    Instant now = Instant.now();
    List<DeviceView> views = new ArrayList<>();
    Iterator<DeviceSection> sections = config.devices().iterator();
    for (Device device : devices) {
      views.add(view(sections.next(), device, now));
    }
    return new BridgeView(
        version(),
        ProcessHandle.current().pid(),
        startedAt.toString(),
        Duration.between(startedAt, now).toSeconds(),
        publicKey,
        listen(),
        config.bridge().endpoint() == null ? null : config.bridge().endpoint().toString(),
        config.bridge().stateDir().toString(),
        crypto,
        library,
        views);
  }

  private static DeviceView view(DeviceSection section, Device device, Instant now) {
    PeerStatus peer = device.peer().status();
    NodeStatus node = device.nodeStatus();
    DeviceState state = device.state(now.toEpochMilli());
    return new DeviceView(
        section.name(),
        section.publicKey().toBase64(),
        section.address().getHostAddress(),
        state.word(),
        state.reason(),
        section.tailnet(),
        node == null ? null : orNull(node.dnsName()),
        node == null ? List.of() : node.addresses().stream().map(a -> a.getHostAddress()).toList(),
        node == null ? null : orNull(node.authUrl()),
        peer.endpoint() == null ? null : text(peer.endpoint()),
        peer.lastHandshakeEpochMillis() == 0
            ? null
            : Instant.ofEpochMilli(peer.lastHandshakeEpochMillis()).toString(),
        peer.rxBytes(),
        peer.txBytes(),
        node == null ? null : node.state().toString(),
        node == null ? null : orNull(node.derpHome()),
        node == null || node.keyExpiry() == null ? null : node.keyExpiry().toString(),
        drops(device, peer));
  }

  private static Map<String, Long> drops(Device device, PeerStatus peer) {
    Map<String, Long> drops = new TreeMap<>();
    peer.drops().forEach((reason, count) -> drops.put(word(reason), count));
    device.drops().forEach((reason, count) -> drops.put(word(reason), count));
    return drops;
  }

  private static String word(Enum<?> reason) {
    return reason.name().toLowerCase(java.util.Locale.ROOT);
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
