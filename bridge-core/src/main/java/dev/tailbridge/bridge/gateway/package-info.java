/**
 * Gateway rules: connections between the inside of a tunnel and the ordinary network, passed on
 * byte for byte in either direction.
 *
 * <p>A {@link dev.tailbridge.bridge.gateway.TcpIngress} listens on this host and calls into the
 * tunnel, a {@link dev.tailbridge.bridge.gateway.TcpEgress} listens in tunnels and calls on the
 * ordinary network. Both ends of a connection are Netty channels on the tunnel's event loop, which
 * a {@link dev.tailbridge.bridge.gateway.Relay} joins.
 */
@NullMarked
package dev.tailbridge.bridge.gateway;

import org.jspecify.annotations.NullMarked;
