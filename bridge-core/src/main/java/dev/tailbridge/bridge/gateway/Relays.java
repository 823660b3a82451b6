package dev.tailbridge.bridge.gateway;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The connections of one rule, so that its end ends them. Any thread. */
final class Relays {

  private final GatewayLimits limits;
  private final Traffic traffic;
  private final Map<Relay, EventLoop> open = new ConcurrentHashMap<>();

  Relays(GatewayLimits limits, Traffic traffic) {
    this.limits = limits;
    this.traffic = traffic;
  }

  /** Joins two channels that count as one connection of the rule already, on their event loop. */
  void join(DuplexChannel caller, DuplexChannel target, EventLoop loop) {
    Relay relay = new Relay(caller, target, traffic, limits.idle());
    open.put(relay, loop);
    relay.start(
        () -> {
          open.remove(relay);
          traffic.end();
        });
  }

  void abortAll() {
    open.forEach((relay, loop) -> loop.execute(relay::abort));
  }
}
