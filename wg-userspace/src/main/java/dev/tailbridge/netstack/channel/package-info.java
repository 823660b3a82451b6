/**
 * TCP connections of a {@link dev.tailbridge.netstack.Stack} as Netty channels.
 *
 * <pre>{@code
 * Stack stack = new Stack(peer, List.of(ourAddress)).start();          // on peer.eventLoop()
 * new Bootstrap().group(stack.eventLoop()).channelFactory(() -> new TcpChannel(stack))
 *     .handler(initializer).connect("10.6.0.2", 80);
 * new ServerBootstrap().group(stack.eventLoop()).channelFactory(() -> new TcpServerChannel(stack))
 *     .childHandler(initializer).bind(80);
 * }</pre>
 *
 * <p>{@code autoRead} is the receive window, writability the send buffer, and half-close is exact.
 */
@NullMarked
package dev.tailbridge.netstack.channel;

import org.jspecify.annotations.NullMarked;
