package dev.tailbridge.bridge.config;

/**
 * What a device finds at the bridge's own tunnel address.
 *
 * @param dns which names the bridge tells it
 * @param ntp whether the bridge tells it the time
 */
public record TunnelServices(Dns dns, boolean ntp) {

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
