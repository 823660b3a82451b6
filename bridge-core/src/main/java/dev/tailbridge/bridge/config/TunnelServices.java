package dev.tailbridge.bridge.config;

/**
 * What a device finds at the bridge's own tunnel address.
 *
 * @param ntp whether the bridge tells it the time
 */
public record TunnelServices(boolean ntp) {}
