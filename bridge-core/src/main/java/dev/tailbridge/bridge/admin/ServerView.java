package dev.tailbridge.bridge.admin;

import org.jspecify.annotations.Nullable;

/**
 * A WireGuard server that the bridge dials.
 *
 * @param endpoint as the configuration has it
 * @param seenAt where it is dialed or was heard, as {@code address:port}; null until its name is
 *     known
 * @param lastHandshake RFC 3339, UTC; null for never
 * @param rxBytes of encrypted datagrams
 * @param txBytes of encrypted datagrams
 */
public record ServerView(
    String name,
    String endpoint,
    @Nullable String seenAt,
    @Nullable String lastHandshake,
    long rxBytes,
    long txBytes) {}
