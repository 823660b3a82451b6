package dev.tailbridge.bridge.cli.format;

import java.util.stream.Collectors;

/**
 * The table for ESP-IDF's NVS generator: secrets belong into a partition of the one device, never
 * into sdkconfig, which is compiled into an image that others get too.
 */
final class EspIdf {

  private EspIdf() {}

  static String text(Provision device) {
    StringBuilder text = new StringBuilder();
    line(text, "# The NVS of " + device.name() + ". Do not commit. Made into an image with:");
    line(text, "#   nvs_partition_gen.py generate " + device.name() + ".csv nvs.bin 0x6000");
    line(text, "# sdkconfig.defaults needs:");
    line(text, "#   CONFIG_LWIP_PPP_SUPPORT=y");
    line(text, "#   CONFIG_WIREGUARD_MAX_SRC_IPS=" + (device.allowed().size() + 1));
    text.append(device.servicesText("#"));
    line(text, "key,type,encoding,value");
    line(text, "tailbridge,namespace,,");
    string(text, "name", device.name());
    string(text, "address", device.addressText());
    string(text, "netmask", device.netmask());
    string(text, "private_key", device.privateKeyText());
    string(text, "peer_key", device.bridgeKey().toBase64());
    if (device.presharedKey() != null) {
      string(text, "psk", device.presharedKey().toBase64());
    }
    string(text, "host", device.endpoint().host());
    line(text, "port,data,u16," + device.endpoint().port());
    line(text, "keepalive,data,u16," + device.keepaliveSeconds());
    string(
        text,
        "allowed",
        device.allowed().stream().map(String::valueOf).collect(Collectors.joining(" ")));
    return text.toString();
  }

  private static void string(StringBuilder text, String key, String value) {
    line(text, key + ",data,string," + value);
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}
