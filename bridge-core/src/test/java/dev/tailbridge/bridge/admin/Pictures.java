package dev.tailbridge.bridge.admin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pictures of bridges and devices that do not run. */
public final class Pictures {

  private Pictures() {}

  /** A device in a tailnet, with something in every part. */
  public static DeviceView device(String name) {
    return dropping(name, Map.of("replay", 3L));
  }

  /** The same with other drops. */
  public static DeviceView dropping(String name, Map<String, Long> drops) {
    return new DeviceView(
        name,
        "key",
        "10.6.0.2",
        "online",
        "",
        "home",
        name + ".example.ts.net",
        List.of("100.64.0.3"),
        null,
        "192.0.2.1:4711",
        "2026-11-24T16:00:00Z",
        10,
        20,
        "Running",
        "1",
        null,
        new PortsView(List.of("all"), List.of("53", "8080:80"), true),
        List.of("tag:ops"),
        drops,
        Map.of("port", 1L),
        2,
        Map.of("sent", 3L),
        1_795_535_000L,
        new HandshakesView(7, 1),
        new SplicesView(1, 0, 0, 5, 1, 2, 3, 0.25),
        new NodeTrafficView(1, 100, 2, 200, 4),
        "derp",
        List.of(new FindingView("stale_clock", "enable SNTP", 4, "2026-11-24T16:00:00Z")));
  }

  /** A plain WireGuard peer with routed TCP. */
  public static DeviceView plain(String name) {
    DeviceView full = device(name);
    return new DeviceView(
        name,
        full.publicKey(),
        full.tunnelAddress(),
        "waiting for device",
        "no handshake since the bridge started",
        null,
        null,
        List.of(),
        null,
        null,
        null,
        0,
        0,
        null,
        null,
        null,
        full.ports(),
        null,
        Map.of(),
        Map.of(),
        0,
        Map.of(),
        null,
        new HandshakesView(0, 0),
        null,
        null,
        null,
        List.of());
  }

  /** A bridge with these devices, and with a rule. */
  public static BridgeView bridge(List<DeviceView> devices) {
    return bridge(devices, gateways());
  }

  static List<GatewayView> gateways() {
    return List.of(
        new GatewayView(
            "ingress tcp 0.0.0.0:9000 to 10.6.0.2:80",
            "ingress:0.0.0.0:9000",
            "",
            1,
            12,
            2,
            3,
            0,
            0,
            0,
            4096,
            65536));
  }

  /** A bridge with these devices and rules. */
  public static BridgeView bridge(List<DeviceView> devices, List<GatewayView> gateways) {
    return bridge(devices, gateways, sidecar(43, true, 1));
  }

  static SidecarView sidecar(long pid, boolean running, int restarts) {
    return new SidecarView(pid, running, restarts, 200 << 20, null, null, null);
  }

  static BridgeView bridge(
      List<DeviceView> devices, List<GatewayView> gateways, @Nullable SidecarView sidecar) {
    return new BridgeView(
        "1.0",
        42,
        "2026-11-24T16:00:00Z",
        7,
        "bridge-key",
        List.of("0.0.0.0:51820"),
        null,
        "/var/lib/tailbridge",
        "bouncycastle",
        null,
        2,
        List.of(new LoopView(0, 0.5), new LoopView(3, 1.5)),
        false,
        null,
        Map.of("bad_mac1", 5L),
        new ProcessView(300 << 20, 50 << 20, null, null, 90, sidecar),
        List.of(new UnknownKeyView("other-key", "192.0.2.9:51820", 1, "2026-11-24T16:00:00Z")),
        devices,
        List.of(
            new ServerView(
                "office",
                "vpn.example.net:51820",
                "192.0.2.7:51820",
                "2026-11-24T16:00:00Z",
                148,
                92)),
        gateways);
  }
}
