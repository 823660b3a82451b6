/**
 * Gateway rules: connections and datagrams between the inside of a tunnel and the ordinary network,
 * passed on byte for byte in either direction.
 *
 * <p>A {@link dev.tailbridge.bridge.gateway.TcpIngress} listens on this host and calls into the
 * tunnel, a {@link dev.tailbridge.bridge.gateway.TcpEgress} listens in tunnels and calls on the
 * ordinary network. Both ends of a connection are Netty channels on the tunnel's event loop, which
 * a {@link dev.tailbridge.bridge.gateway.Relay} joins. {@link
 * dev.tailbridge.bridge.gateway.UdpIngress} and {@link dev.tailbridge.bridge.gateway.UdpEgress} do
 * the same with UDP: what a caller sends and hears is a flow, of which {@link
 * dev.tailbridge.bridge.gateway.UdpFlows} is the bounded table.
 */
@NullMarked
package dev.tailbridge.bridge.gateway;

import org.jspecify.annotations.NullMarked;
