package dev.tailbridge.bridge.cli.format;

import java.util.stream.Collectors;

/** The {@code wireguard:} component of ESPHome, with the time that it needs. */
final class EspHome {

  private EspHome() {}

  static String text(Provision device) {
    String secret = device.name().replace('-', '_');
    boolean shared = device.presharedKey() != null;
    StringBuilder text = new StringBuilder();
    line(text, "# For the YAML of " + device.name() + ". Its secrets go into secrets.yaml:");
    line(text, "#   wg_private_key_%s: \"%s\"".formatted(secret, device.privateKeyText()));
    if (device.presharedKey() != null) {
      line(text, "#   wg_psk_%s: \"%s\"".formatted(secret, device.presharedKey().toBase64()));
    }
    line(text, "# For updates and the API over the tunnel: wifi: use_address: " + device.name());
    line(text, "# (its name in the tailnet, or its 100.x address).");
    text.append(device.servicesText("#"));
    line(text, "time:");
    line(text, "  - platform: sntp # outside of the tunnel, which needs the time to come up");
    line(text, "wireguard:");
    line(text, "  address: " + device.addressText());
    line(text, "  netmask: " + device.netmask());
    line(text, "  private_key: !secret wg_private_key_" + secret);
    line(text, "  peer_endpoint: \"" + device.endpoint().host() + "\"");
    line(text, "  peer_port: " + device.endpoint().port());
    line(text, "  peer_public_key: \"" + device.bridgeKey().toBase64() + "\"");
    if (shared) {
      line(text, "  peer_preshared_key: !secret wg_psk_" + secret);
    }
    line(
        text,
        "  peer_allowed_ips: ["
            + device.allowed().stream().map(String::valueOf).collect(Collectors.joining(", "))
            + "]");
    line(text, "  peer_persistent_keepalive: " + device.keepaliveSeconds() + "s");
    line(text, "  reboot_timeout: 15min");
    return text.toString();
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}
