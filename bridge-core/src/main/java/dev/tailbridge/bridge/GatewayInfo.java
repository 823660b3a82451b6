package dev.tailbridge.bridge;

import dev.tailbridge.bridge.admin.GatewayView;
import dev.tailbridge.bridge.admin.ServerView;
import dev.tailbridge.bridge.config.GatewaySection;
import dev.tailbridge.bridge.config.UplinkSection;
import dev.tailbridge.bridge.gateway.Traffic;
import dev.tailbridge.wireguard.PeerStatus;
import java.util.List;

/** Draws the picture of the gateway rules and of the servers that are dialed. Any thread. */
final class GatewayInfo {

  private final Gateways gateways;
  private final Uplinks uplinks;

  GatewayInfo(Gateways gateways, Uplinks uplinks) {
    this.gateways = gateways;
    this.uplinks = uplinks;
  }

  List<GatewayView> rules() {
    return gateways.each((section, rule) -> view(section, rule.traffic()));
  }

  List<ServerView> servers() {
    return uplinks.each((section, uplink) -> view(section, uplink.peer().status()));
  }

  private static GatewayView view(GatewaySection section, Traffic.Snapshot traffic) {
    return new GatewayView(
        section.toString(),
        section.healthName(),
        section.users(),
        traffic.open(),
        traffic.opened(),
        traffic.refused(),
        traffic.failed(),
        traffic.idled(),
        traffic.displaced(),
        traffic.dropped(),
        traffic.bytesToTarget(),
        traffic.bytesFromTarget());
  }

  private static ServerView view(UplinkSection section, PeerStatus peer) {
    return new ServerView(
        section.name(),
        section.endpoint().toString(),
        peer.endpoint() == null ? null : BridgeInfo.text(peer.endpoint()),
        peer.lastHandshakeEpochMillis() == 0
            ? null
            : BridgeInfo.time(peer.lastHandshakeEpochMillis()),
        peer.rxBytes(),
        peer.txBytes());
  }
}
