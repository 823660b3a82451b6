package dev.tailbridge.bridge.cli.format;

import java.util.stream.Collectors;

/** The file of {@code wg-quick}, which phone apps and captive portals read too. */
final class WgQuick {
  /** What a tailnet carries; a device that sends more would have it fragmented. */
  private static final int MTU = 1280;

  private WgQuick() {}

  static String text(Provision device) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(device.name()).append('\n');
    text.append("[Interface]\n");
    line(text, "PrivateKey", device.privateKeyText());
    // A lone /32 is answered only where the system has a route by source address.
    line(text, "Address", device.addressText() + "/" + device.network().prefixLength());
    line(text, "MTU", Integer.toString(MTU));
    text.append("\n[Peer]\n");
    line(text, "PublicKey", device.bridgeKey().toBase64());
    if (device.presharedKey() != null) {
      line(text, "PresharedKey", device.presharedKey().toBase64());
    }
    line(
        text,
        "AllowedIPs",
        device.allowed().stream().map(String::valueOf).collect(Collectors.joining(", ")));
    line(text, "Endpoint", device.endpoint().toString());
    if (device.keepaliveSeconds() > 0) {
      line(text, "PersistentKeepalive", Long.toString(device.keepaliveSeconds()));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(" = ").append(value).append('\n');
  }
}
