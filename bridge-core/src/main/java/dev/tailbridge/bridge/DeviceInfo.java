package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.DeviceView;
import dev.tailbridge.bridge.admin.FindingView;
import dev.tailbridge.bridge.admin.HandshakesView;
import dev.tailbridge.bridge.admin.NodeTrafficView;
import dev.tailbridge.bridge.admin.PortsView;
import dev.tailbridge.bridge.admin.SplicesView;
import dev.tailbridge.bridge.config.DevicePorts;
import dev.tailbridge.bridge.config.DeviceSection;
import dev.tailbridge.bridge.config.PortRange;
import dev.tailbridge.bridge.device.Device;
import dev.tailbridge.bridge.device.DeviceState;
import dev.tailbridge.bridge.device.Finding;
import dev.tailbridge.bridge.device.PeerReport;
import dev.tailbridge.bridge.forward.splice.SpliceStats;
import dev.tailbridge.tailnet.LinkCounters;
import dev.tailbridge.tailnet.NodeStatus;
import dev.tailbridge.wireguard.PeerStatus;
import dev.tailbridge.wireguard.RescueStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Draws the picture of one device that the API shows; call it on the device's event loop. */
final class DeviceInfo {

  private DeviceInfo() {}

  static DeviceView view(DeviceSection section, Device device, Instant now) {
    PeerStatus peer = device.peer().status();
    PeerReport report = device.report();
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
        peer.endpoint() == null ? null : BridgeInfo.text(peer.endpoint()),
        peer.lastHandshakeEpochMillis() == 0
            ? null
            : BridgeInfo.time(peer.lastHandshakeEpochMillis()),
        peer.rxBytes(),
        peer.txBytes(),
        node == null ? null : node.state().toString(),
        node == null ? null : orNull(node.derpHome()),
        node == null || node.keyExpiry() == null ? null : node.keyExpiry().toString(),
        view(section.ports()),
        section.allow(),
        drops(device, peer),
        moves(peer),
        report.timesRescued(),
        rescues(peer.rescues()),
        seconds(report.clockBehind()),
        new HandshakesView(report.handshakes(), report.handshakesAbandoned()),
        view(device.spliceStats()),
        view(device.nodePackets()),
        device.tailnetWay() == null ? null : BridgeInfo.word(device.tailnetWay()),
        device.findings().stream().map(DeviceInfo::view).toList());
  }

  private static @Nullable SplicesView view(@Nullable SpliceStats splices) {
    return splices == null
        ? null
        : new SplicesView(
            splices.open(),
            splices.dialing(),
            splices.waiting(),
            splices.accepted(),
            splices.refused(),
            splices.unanswered(),
            splices.abandoned(),
            splices.dialNanos() / 1e9);
  }

  private static @Nullable NodeTrafficView view(@Nullable LinkCounters packets) {
    return packets == null
        ? null
        : new NodeTrafficView(
            packets.packetsIn(),
            packets.bytesIn(),
            packets.packetsOut(),
            packets.bytesOut(),
            packets.droppedFull()
                + packets.droppedInvalid()
                + packets.droppedDown()
                + packets.droppedUnheard()
                + packets.goDroppedFull()
                + packets.goBad());
  }

  private static PortsView view(DevicePorts ports) {
    return new PortsView(words(ports.tcp()), words(ports.udp()), ports.ping());
  }

  private static List<String> words(@Nullable List<PortRange> ports) {
    return ports == null ? List.of("all") : ports.stream().map(PortRange::toString).toList();
  }

  private static FindingView view(Finding finding) {
    return new FindingView(
        finding.kind().word(),
        finding.text(),
        finding.times(),
        BridgeInfo.time(finding.lastEpochMillis()));
  }

  private static Map<String, Long> drops(Device device, PeerStatus peer) {
    Map<String, Long> drops = new TreeMap<>();
    peer.drops().forEach((reason, count) -> drops.put(BridgeInfo.word(reason), count));
    device.drops().forEach((reason, count) -> drops.put(BridgeInfo.word(reason), count));
    return drops;
  }

  private static Map<String, Long> moves(PeerStatus peer) {
    Map<String, Long> moves = new TreeMap<>();
    peer.moves().forEach((change, count) -> moves.put(BridgeInfo.word(change), count));
    return moves;
  }

  private static Map<String, Long> rescues(RescueStatus status) {
    Map<String, Long> rescues = new TreeMap<>();
    rescues.put("sent", status.sent());
    rescues.put("answered", status.answered());
    rescues.put("unanswered", status.unanswered());
    status
        .suppressed()
        .forEach((limit, count) -> rescues.put("suppressed_" + BridgeInfo.word(limit), count));
    rescues.values().removeIf(count -> count == 0);
    return rescues;
  }

  private static @Nullable Long seconds(@Nullable Duration duration) {
    return duration == null ? null : duration.toSeconds();
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
