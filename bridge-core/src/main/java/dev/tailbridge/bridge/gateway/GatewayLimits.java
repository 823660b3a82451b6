package dev.tailbridge.bridge.gateway;

import java.time.Duration;

/**
 * The bounds of one rule.
 *
 * @param connections how many it has at a time; further callers are refused
 * @param connect how long a called machine may take to answer
 * @param idle how long a connection may be silent before both its ends are reset
 */
public record GatewayLimits(int connections, Duration connect, Duration idle) {}
