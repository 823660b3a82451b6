package dev.tailbridge.bridge.config;

import org.jspecify.annotations.Nullable;

/**
 * What a device finds at the bridge's own tunnel address.
 *
 * @param dns which names the bridge tells it
 * @param ntp whether the bridge tells it the time
 */
public record TunnelServices(Dns dns, boolean ntp) {

  private static final int DNS_PORT = 53;
  private static final int NTP_PORT = 123;
  private static final Use NAMES = new Use("names", "dns = \"off\"");
  private static final Use TIME = new Use("the time", "ntp = false");

  /**
   * What a port is used for.
   *
   * @param told what the device is told there
   * @param without what ends that, as it is written in the device's block
   */
  record Use(String told, String without) {}

  /** What a port of that address is used for; null for nothing. */
  @Nullable Use at(GatewaySection.Protocol protocol, int port) {
    if (port == DNS_PORT && dns != Dns.OFF) {
      return NAMES;
    }
    return port == NTP_PORT && ntp && protocol == GatewaySection.Protocol.UDP ? TIME : null;
  }

  /** Which names. */
  public enum Dns {
    /** Those that its own node in the tailnet can resolve. */
    TAILNET,
    /** Those, and what the name servers of the bridge's host know. */
    ALL,
    /** None: the port is closed. */
    OFF
  }
}
