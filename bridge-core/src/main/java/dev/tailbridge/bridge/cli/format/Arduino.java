package dev.tailbridge.bridge.cli.format;

import dev.tailbridge.bridge.config.TunnelNetwork;
import java.util.List;

/** A header with everything as macros, {@code tailbridge_secrets.h}. */
final class Arduino {

  private Arduino() {}

  static String text(Provision device) {
    StringBuilder text = new StringBuilder();
    text.append("// Do not commit: the keys of ")
        .append(device.name())
        .append(". In .gitignore:\n");
    text.append("//   tailbridge_secrets.h\n");
    text.append("#ifndef TAILBRIDGE_SECRETS_H\n#define TAILBRIDGE_SECRETS_H\n\n");
    string(text, "NAME", device.name());
    string(text, "ADDRESS", device.addressText());
    string(text, "NETMASK", device.netmask());
    string(text, "PRIVATE_KEY", device.privateKeyText());
    string(text, "PEER_PUBLIC_KEY", device.bridgeKey().toBase64());
    if (device.presharedKey() != null) {
      string(text, "PRESHARED_KEY", device.presharedKey().toBase64());
    }
    string(text, "ENDPOINT_HOST", device.endpoint().host());
    number(text, "ENDPOINT_PORT", device.endpoint().port());
    number(text, "KEEPALIVE_SECONDS", device.keepaliveSeconds());
    text.append('\n').append(device.servicesText("//"));
    text.append("// One call of esp_wireguard_add_allowed_ip() each; never 0.0.0.0/0.\n");
    List<TunnelNetwork> allowed = device.allowed();
    for (int i = 0; i < allowed.size(); i++) {
      string(text, "ALLOWED_IP_" + (i + 1), allowed.get(i).base().getHostAddress());
      string(text, "ALLOWED_MASK_" + (i + 1), allowed.get(i).netmask().getHostAddress());
    }
    text.append("\n#endif\n");
    return text.toString();
  }

  private static void string(StringBuilder text, String name, String value) {
    text.append("#define TAILBRIDGE_").append(name).append(" \"").append(value).append("\"\n");
  }

  private static void number(StringBuilder text, String name, long value) {
    text.append("#define TAILBRIDGE_").append(name).append(' ').append(value).append('\n');
  }
}
