package dev.tailbridge.bridge.config;

/**
 * A host name or IP address, and a port, as written; nothing is resolved.
 *
 * @param host without the brackets of an IPv6 address
 * @param port 1 to 65535
 */
public record HostAndPort(String host, int port) {

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
