package dev.tailbridge.bridge.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the ways in which the file writes addresses. Nothing here asks a name server. */
final class Addresses {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?:\\[(?<v6>[^\\]]*)\\]|(?<host>[^\\[\\]:]*)):(?<port>\\d{1,9})");
  private static final Pattern HOST_NAME =
      Pattern.compile(
          "(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\\.[A-Za-z0-9_-]{1,63})*\\.?");
  private static final Pattern PREFIX = Pattern.compile("(?<base>[^/]*)/(?<length>\\d{1,3})");
  private static final int MAX_PORT = 65535;

  private Addresses() {}

  /** {@code IP:PORT}, where port 0 lets the system choose. */
  static InetSocketAddress socketAddress(String text) throws BadValueException {
    Matcher matcher = HOST_AND_PORT.matcher(text);
    if (!matcher.matches()) {
      throw new BadValueException(
          Quote.of(text)
              + " is not an IP address and a port; write it like \"0.0.0.0:51820\" or"
              + " \"[::]:51820\"");
    }
    int port = port(text, matcher.group("port"), 0);
    String v6 = matcher.group("v6");
    String host = matcher.group("host");
    if (v6 != null ? !IPV6.matcher(v6).matches() : !IPV4.matcher(host).matches()) {
      throw new BadValueException(
          Quote.of(text)
              + " does not begin with an IP address; names are not looked up here, write"
              + " it like \"127.0.0.1:"
              + port
              + "\"");
    }
    return new InetSocketAddress(literal(v6 != null ? v6 : host), port);
  }

  /** {@code HOST:PORT}, a name or an address that others dial. */
  static HostAndPort hostAndPort(String text) throws BadValueException {
    Matcher matcher = HOST_AND_PORT.matcher(text);
    if (!matcher.matches()) {
      throw new BadValueException(
          Quote.of(text)
              + " is not a host and a port; write it like"
              + " \"bridge.example.net:51820\"");
    }
    int port = port(text, matcher.group("port"), 1);
    String v6 = matcher.group("v6");
    if (v6 != null) {
      if (!IPV6.matcher(v6).matches()) {
        throw notAnAddress(v6);
      }
      literal(v6);
      return new HostAndPort(v6, port);
    }
    String host = matcher.group("host");
    if (IPV4.matcher(host).matches()) {
      literal(host);
    } else if (!HOST_NAME.matcher(host).matches()) {
      throw new BadValueException(Quote.of(host) + " is neither a host name nor an IP address");
    }
    return new HostAndPort(host, port);
  }

  static Inet4Address ipv4(String text) throws BadValueException {
    if (!IPV4.matcher(text).matches()) {
      throw new BadValueException(
          Quote.of(text) + " is not an IPv4 address; write it like \"10.6.0.2\"");
    }
    return (Inet4Address) literal(text);
  }

  /** Whether the text has the shape of an IP address, so that it is no host name. */
  static boolean isLiteral(String text) {
    return IPV4.matcher(text).matches() || IPV6.matcher(text).matches();
  }

  /** An IPv4 or IPv6 address. */
  static InetAddress address(String text) throws BadValueException {
    if (!isLiteral(text)) {
      throw notAnAddress(text);
    }
    return literal(text);
  }

  static TunnelNetwork network(String text) throws BadValueException {
    Matcher matcher = PREFIX.matcher(text);
    if (!matcher.matches() || !IPV4.matcher(matcher.group("base")).matches()) {
      throw new BadValueException(
          Quote.of(text) + " is not an IPv4 network; write it like \"10.6.0.0/24\"");
    }
    Inet4Address base = ipv4(matcher.group("base"));
    int length = Integer.parseInt(matcher.group("length"));
    if (length < 8 || length > 30) {
      throw new BadValueException(
          "a network of /" + length + " is not possible here; write one between /8 and /30");
    }
    TunnelNetwork network = TunnelNetwork.around(base, length);
    if (!network.base().equals(base)) {
      throw new BadValueException(
          Quote.of(text) + " has bits set after the prefix; write \"" + network + "\"");
    }
    return network;
  }

  private static int port(String text, String digits, int lowest) throws BadValueException {
    int port = Integer.parseInt(digits);
    if (port < lowest || port > MAX_PORT) {
      throw new BadValueException(
          "the port in " + Quote.of(text) + " is out of range; write one from 1 to " + MAX_PORT);
    }
    return port;
  }

  /** The text has the shape of an address, so the system does not ask a name server about it. */
  private static InetAddress literal(String text) throws BadValueException {
    try {
      if (text.indexOf(':') < 0) {
        for (String octet : text.split("\\.", -1)) {
          if (Integer.parseInt(octet) > 255 || (octet.length() > 1 && octet.startsWith("0"))) {
            throw notAnAddress(text);
          }
        }
      }
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw notAnAddress(text);
    }
  }

  private static BadValueException notAnAddress(String text) {
    return new BadValueException(Quote.of(text) + " is not an IP address");
  }
}
