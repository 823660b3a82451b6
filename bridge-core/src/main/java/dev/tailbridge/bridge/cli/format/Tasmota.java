package dev.tailbridge.bridge.cli.format;

/** {@code wireguard.conf} of a Tasmota that was built with {@code USE_WIREGUARD}. */
final class Tasmota {

  private Tasmota() {}

  static String text(Provision device) {
    StringBuilder text = new StringBuilder();
    // No comments: it is not known whether its reader knows any.
    text.append("[Interface]\n");
    text.append("PrivateKey = ").append(device.privateKeyText()).append('\n');
    text.append("Address = ").append(device.addressText());
    text.append('/').append(device.network().prefixLength()).append('\n');
    text.append("[Peer]\n");
    text.append("PublicKey = ").append(device.bridgeKey().toBase64()).append('\n');
    if (device.presharedKey() != null) {
      text.append("PresharedKey = ").append(device.presharedKey().toBase64()).append('\n');
    }
    text.append("Endpoint = ").append(device.endpoint()).append('\n');
    text.append("AllowedIPs = ").append(device.network()).append('\n');
    if (device.keepaliveSeconds() > 0) {
      text.append("PersistentKeepalive = ").append(device.keepaliveSeconds()).append('\n');
    }
    text.append("[Tasmota]\n");
    // Without it all traffic goes into the tunnel, that of its clock too.
    text.append("Netmask = ").append(device.netmask()).append('\n');
    text.append("AutoConnect = true\n");
    return text.toString();
  }
}
