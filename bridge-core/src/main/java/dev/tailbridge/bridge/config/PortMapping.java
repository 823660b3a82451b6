package dev.tailbridge.bridge.config;

import dev.tailbridge.bridge.config.GatewaySection.Protocol;
import java.util.Locale;

/**
 * One of the {@code PORT_MAPPINGS}: {@code 8080:80}, {@code 443}, {@code 53/udp}.
 *
 * @param listen where callers come
 * @param target where they are passed on to
 */
record PortMapping(Protocol protocol, int listen, int target) {

  private static final String UDP = "/udp";
  private static final String TCP = "/tcp";

  static PortMapping parse(String text) throws BadValueException {
    String written = text.toLowerCase(Locale.ROOT);
    boolean udp = written.endsWith(UDP);
    String ports =
        udp || written.endsWith(TCP) ? text.substring(0, text.length() - UDP.length()) : text;
    int colon = ports.indexOf(':');
    int listen = port(colon < 0 ? ports : ports.substring(0, colon).strip());
    int target = colon < 0 ? listen : port(ports.substring(colon + 1).strip());
    return new PortMapping(udp ? Protocol.UDP : Protocol.TCP, listen, target);
  }

  static int port(String text) throws BadValueException {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new BadValueException(Quote.of(text) + " is no port; write one from 1 to 65535");
  }

  boolean takesPortOf(PortMapping other) {
    return protocol == other.protocol && listen == other.listen;
  }
}
