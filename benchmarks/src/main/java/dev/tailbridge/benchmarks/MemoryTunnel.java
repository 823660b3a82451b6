package dev.tailbridge.benchmarks;

import dev.tailbridge.bridge.gateway.Tunnel;
import dev.tailbridge.netstack.Stack;
import dev.tailbridge.wireguard.routing.IpPrefix;
import io.netty.channel.EventLoop;
import java.net.InetAddress;

/**
 * The inside of a tunnel whose other end is {@link #MACHINE}: one stack, in which we are {@link
 * #OURS}.
 */
final class MemoryTunnel implements Tunnel {
  static final InetAddress OURS = IpPrefix.parse("10.6.0.1").address();
  static final InetAddress MACHINE = IpPrefix.parse("10.6.0.2").address();

  private final Stack stack;

  MemoryTunnel(Stack stack) {
    this.stack = stack;
  }

  @Override
  public String name() {
    return "machine";
  }

  @Override
  public long lastHandshakeEpochMillis() {
    return 1;
  }

  @Override
  public EventLoop eventLoop() {
    return stack.eventLoop();
  }

  @Override
  public Stack own() {
    return stack;
  }

  @Override
  public InetAddress ownAddress(InetAddress called) {
    return OURS;
  }
}
