package dev.tailbridge.bridge.config;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * {@code [admin]}: the HTTP side for health checks and the API.
 *
 * @param listen a loopback address
 * @param healthListen any address, for health alone; null for none
 */
public record AdminSection(InetSocketAddress listen, @Nullable InetSocketAddress healthListen) {}
