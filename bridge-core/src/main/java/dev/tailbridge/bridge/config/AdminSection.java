package dev.tailbridge.bridge.config;

import java.net.InetSocketAddress;

/**
 * {@code [admin]}: the HTTP side for health checks and the API.
 *
 * @param listen a loopback address
 */
public record AdminSection(InetSocketAddress listen) {}
