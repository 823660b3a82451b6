package dev.tailbridge.bridge.config;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * {@code [admin]}: the HTTP side for health checks and the API.
 *
 * @param listen a loopback address, unless there is a token
 * @param healthListen any address, for health alone; null for none
 * @param token what clients of everything but health must bear; null for nothing
 */
public record AdminSection(
    InetSocketAddress listen, @Nullable InetSocketAddress healthListen, @Nullable Secret token) {}
