package dev.tailbridge.tailnet;

import com.google.gson.JsonObject;
import dev.tailbridge.tailnet.control.Json;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the bodies of status frames into values. */
final class StatusReader {

  private StatusReader() {}

  /**
   * @param body a status event's body; empty before the first
   * @param end why the node is over; null while it is not
   */
  static NodeStatus status(JsonObject body, LinkMeter meter, @Nullable String end) {
    String error = Json.string(body, "error");
    return new NodeStatus(
        NodeState.of(Json.string(body, "state")),
        end == null && Json.bool(body, "ready"),
        Json.string(body, "authUrl"),
        Json.string(body, "nodeId"),
        withoutFinalDot(Json.string(body, "dnsName")),
        addresses(body),
        Json.string(body, "derpHome"),
        Json.strings(body, "health"),
        instant(Json.string(body, "keyExpiry")),
        (int) Json.integer(body, "peers"),
        Json.integer(body, "netMap"),
        end == null ? error : end,
        end != null,
        packets(body, meter));
  }

  /** What was counted here, up to this moment, and in Go, up to that status. */
  static LinkCounters packets(JsonObject body, LinkMeter meter) {
    return meter.read(Json.object(body, "packets"));
  }

  static List<TailnetPeer> peers(JsonObject body) {
    List<TailnetPeer> peers = new ArrayList<>();
    for (JsonObject peer : Json.objects(body, "peerList")) {
      peers.add(
          new TailnetPeer(
              withoutFinalDot(Json.string(peer, "name")),
              addresses(peer),
              Json.bool(peer, "online"),
              Json.string(peer, "direct"),
              Json.string(peer, "relay"),
              Json.integer(peer, "rxBytes"),
              Json.integer(peer, "txBytes")));
    }
    return List.copyOf(peers);
  }

  private static List<InetAddress> addresses(JsonObject body) {
    List<InetAddress> addresses = new ArrayList<>();
    for (String text : Json.strings(body, "ips")) {
      // Unlike the JDK's parser this one never asks a name server.
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
      if (address != null) {
        addresses.add(address);
      }
    }
    return addresses;
  }

  private static @Nullable Instant instant(String rfc3339) {
    try {
      return rfc3339.isEmpty() ? null : Instant.parse(rfc3339);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static String withoutFinalDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
